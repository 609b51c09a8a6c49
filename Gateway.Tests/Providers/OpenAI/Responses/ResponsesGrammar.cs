using System.Text.Json;
using Gateway.Core.Generation;

namespace Gateway.Tests.Providers.OpenAI.Responses;

/// <summary>The order that clients of the wire rely on: numbers without gaps, items and their content begun before and ended after their deltas, texts that are the sum of their deltas.</summary>
internal static class ResponsesGrammar
{
    /// <returns>What is wrong; null if nothing is.</returns>
    public static string? Check(IReadOnlyList<JsonElement> events)
    {
        Dictionary<string, (long Index, string Text)> open = [];
        long items = 0;
        for (int i = 0; i < events.Count; i++)
        {
            JsonElement e = events[i];
            string type = e.Text("type") ?? "";
            if (e.Whole("sequence_number") != i)
            {
                return $"event {i} has the number {e.Whole("sequence_number")}";
            }
            string? wrong = type switch
            {
                "response.created" => i == 0 ? null : "not first",
                "response.in_progress" => i == 1 ? null : "not second",
                "response.output_item.added" => e.Whole("output_index") == items++ && open.TryAdd(e.GetProperty("item").Text("id")!, (items - 1, "")) ? null : "a wrong index",
                "response.output_item.done" => open.Remove(e.GetProperty("item").Text("id") ?? "", out var item) && item.Index == e.Whole("output_index") ? null : "not open",
                "response.completed" or "response.incomplete" => i == events.Count - 1 && open.Count == 0 ? OutputOf(events, e) : "items are open",
                _ => ContentOf(type, e, open),
            };
            if (wrong is not null)
            {
                return $"event {i}, {type}: {wrong}";
            }
        }
        return events[^1].Text("type") is "response.completed" or "response.incomplete" ? null : "no end";
    }

    private static string? ContentOf(string type, JsonElement e, Dictionary<string, (long Index, string Text)> open)
    {
        string id = e.Text("item_id") ?? "";
        if (!open.TryGetValue(id, out var item) || item.Index != e.Whole("output_index"))
        {
            return "its item is not open";
        }
        if (type.EndsWith(".delta", StringComparison.Ordinal))
        {
            open[id] = (item.Index, item.Text + e.Text("delta"));
            return null;
        }
        if (type.EndsWith("part.done", StringComparison.Ordinal) || type.EndsWith("part.added", StringComparison.Ordinal) || type.EndsWith("annotation.added", StringComparison.Ordinal))
        {
            return null;
        }
        string whole = e.Text("text") ?? e.Text("arguments") ?? e.Text("refusal") ?? e.Text("input") ?? "";
        open[id] = (item.Index, "");
        return whole == item.Text ? null : $"'{whole}' is not the sum '{item.Text}'";
    }

    private static string? OutputOf(IReadOnlyList<JsonElement> events, JsonElement last)
    {
        List<JsonElement> done = [.. events.Where(e => e.Text("type") == "response.output_item.done").OrderBy(e => e.Whole("output_index")).Select(e => e.GetProperty("item"))];
        List<JsonElement> output = [.. last.GetProperty("response").Items("output")];
        return done.Count == output.Count && done.Zip(output).All(p => JsonElement.DeepEquals(p.First, p.Second)) ? null : "its output is not that of the items";
    }
}
