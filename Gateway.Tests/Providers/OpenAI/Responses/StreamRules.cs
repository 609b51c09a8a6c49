using Gateway.Core.Generation.Streaming;

namespace Gateway.Tests.Providers.OpenAI.Responses;

/// <summary>What encoders may rely on (see <see cref="StreamDecoder"/>).</summary>
internal static class StreamRules
{
    /// <returns>The first rule that is broken; null if none is.</returns>
    public static string? Check(IReadOnlyList<StreamEvent> events)
    {
        Dictionary<int, PartKind> open = [];
        bool finished = false;
        for (int i = 0; i < events.Count; i++)
        {
            StreamEvent next = events[i];
            string? broken = next.Kind switch
            {
                StreamEventKind.Start => i == 0 ? null : "a second start",
                _ when i == 0 && next.Kind != StreamEventKind.Error => "no start",
                StreamEventKind.PartStart when finished => "a part after the finish",
                StreamEventKind.PartStart when open.Count > 0 && (next.PartKind != PartKind.ToolCall || open.ContainsValue(PartKind.Text)) => "parts overlap",
                StreamEventKind.PartStart => open.TryAdd(next.Part, next.PartKind) ? null : "a part twice",
                StreamEventKind.PartEnd => open.Remove(next.Part) ? null : "an end of nothing",
                StreamEventKind.Delta or StreamEventKind.Signature or StreamEventKind.Citation or StreamEventKind.Media =>
                    open.TryGetValue(next.Part, out PartKind kind) && kind == next.PartKind ? null : $"a {next.Kind} of a part that is not open",
                StreamEventKind.Finish => open.Count == 0 ? null : "a finish with open parts",
                StreamEventKind.End => i == events.Count - 1 && finished ? null : "an end too early",
                _ => null,
            };
            finished |= next.Kind == StreamEventKind.Finish;
            if (broken is not null)
            {
                return $"event {i}: {broken}";
            }
        }
        return null;
    }
}
