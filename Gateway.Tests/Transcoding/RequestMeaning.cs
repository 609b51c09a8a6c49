using System.Text;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Tools;

namespace Gateway.Tests.Transcoding;

/// <summary>What must be the same of a request on every wire: who says what in which order, what was called and what came of it, which functions there are, and how long the answer may be.</summary>
internal static class RequestMeaning
{
    /// <summary>Null when both mean the same, else what differs. What the report names as lost is left out of the comparison.</summary>
    public static (string Expected, string Arrived)? Compare(GenerationRequest original, GenerationRequest arrived, IReadOnlyList<ConversionReason> reasons)
    {
        bool media = !reasons.Any(r => r.Lossy && (r.What.StartsWith("part:", StringComparison.Ordinal) || r.What is "file_id" or "url"));
        HashSet<string> lost = [.. reasons.Where(r => r.Lossy).Select(r => r.What)];
        string before = Talk(original, lost);
        string after = Talk(arrived, lost);
        string joined = after;
        List<string> documents = [.. MediaOf(original).Where(m => m.Source.Text is not null).Select(m => Squeeze(m.Source.Text!))];
        // A document given as text may be sent as text, or as a file.
        documents.ForEach(d => after = after.Replace($"{Environment.NewLine}User: {d}", "", StringComparison.Ordinal).Replace(d, "", StringComparison.Ordinal));
        documents.ForEach(d => joined = joined.Replace(d, "", StringComparison.Ordinal));
        media &= documents.Count == 0;
        string told = Told(original);
        // Instructions may be added to (a format said in words), and become a user's turn where there is no other.
        bool sameTold = Told(arrived).Contains(told, StringComparison.Ordinal) || (before.Length == 0 && after.Contains(told, StringComparison.Ordinal));
        bool sameTalk = before == after || before == joined || before.Length == 0 || (lost.Contains("part:media") && after.EndsWith(before, StringComparison.Ordinal));
        bool sameMedia = !media || Media(original) == Media(arrived);
        if (original.ToolChoice is { Mode: ToolChoiceMode.Named } named && reasons.Any(r => r.What == "tool_choice.named"))
        {
            // Where no tool can be named, only that one is there, and one must be called.
            original = original with { ToolChoice = new ToolChoice(ToolChoiceMode.Required) { Allowed = [named.Name!] } };
        }
        if (reasons.Any(r => r.What is "tool_choice.none" or "tools.declared"))
        {
            // Where tools cannot be forbidden they are left out; where past calls need theirs declared, they are.
            (original, arrived) = (original with { Tools = [] }, arrived with { Tools = [] });
        }
        string tools = Tools(original, arrived.ToolChoice?.Allowed is { Count: > 0 } ? [] : original.ToolChoice?.Allowed ?? []);
        bool sameTools = tools == Tools(arrived, []);
        return sameTold && sameTalk && sameTools && sameMedia
            ? null
            : ($"{told}\n{before}\n{Media(original)}\n{tools}", $"{Told(arrived)}\n{after}\n{Media(arrived)}\n{Tools(arrived, [])}");
    }

    private static string Told(GenerationRequest request) => Squeeze(string.Concat(request.Instructions.OfType<TextPart>().Select(p => p.Text)));

    private static string Talk(GenerationRequest request, HashSet<string> lost)
    {
        var text = new StringBuilder();
        HashSet<string> calls = [.. request.Messages.SelectMany(m => m.Parts).OfType<ToolCallPart>().Select(c => c.Id)];
        Role? speaker = null;
        foreach (Message message in request.Messages)
        {
            // Where a wire has no instructions in the middle, they are said as the user's.
            Role role = message.Role == Role.System ? Role.User : message.Role;
            // The result of a call that is nobody's function has no place without the call.
            foreach (Part part in message.Parts.Where(p => p is not ToolResultPart result || calls.Contains(result.CallId)))
            {
                Write(role, part, lost, text, ref speaker);
            }
        }
        return text.ToString();
    }

    // How much of it, wherever it stands: pictures of a tool's result may follow it.
    private static string Media(GenerationRequest request) => string.Join(' ', MediaOf(request)
        // Text files may arrive as text.
        .Where(m => m.Source.MediaType?.StartsWith("text/", StringComparison.Ordinal) != true)
        .Select(m => m.Source.Data?.TrimEnd('=').Length)
        .Where(l => l is not null)
        .Order());

    private static IEnumerable<MediaPart> MediaOf(GenerationRequest request) => request.Messages
        .SelectMany(m => m.Parts)
        .SelectMany(p => p is ToolResultPart result ? result.Content : [p])
        .OfType<MediaPart>();

    /// <param name="allowed">Where the wire cannot say which may be called, only those are there; empty for all.</param>
    private static string Tools(GenerationRequest request, IReadOnlyList<string> allowed)
    {
        var text = new StringBuilder();
        foreach (FunctionTool tool in request.Tools.OfType<FunctionTool>().Where(t => allowed.Count == 0 || allowed.Contains(t.Name)))
        {
            text.Append("function: ").Append(tool.Name).Append(' ').AppendLine(Squeeze(tool.Description ?? ""));
        }
        if (text.Length > 0 && request.ToolChoice is { Mode: ToolChoiceMode.Named or ToolChoiceMode.Required } choice)
        {
            text.Append("must call: ").AppendLine(choice.Name ?? "any");
        }
        return text.ToString();
    }

    private static void Write(Role role, Part part, HashSet<string> lost, StringBuilder text, ref Role? speaker)
    {
        string? line = part switch
        {
            TextPart p => Squeeze(p.Text),
            ToolCallPart p => $"[call {p.Name} {Meaning.Normal(p.ArgumentsJson)}]",
            ToolResultPart p => $"[result {Squeeze(Meaning.Normal(p.Text + string.Concat(p.Content.OfType<OpaquePart>().Where(o => !lost.Contains("part:" + o.Type)).Select(o => o.Json.GetRawText()))))}]",
            _ => null,
        };
        if (string.IsNullOrEmpty(line))
        {
            return;
        }
        // Where turns must alternate, those of one speaker are joined.
        if (speaker != role)
        {
            text.AppendLine().Append(role).Append(": ");
            speaker = role;
        }
        text.Append(line);
    }

    // Line ends between joined texts are a wire's own affair; "…" stands where a wire wants words and nobody said any.
    private static string Squeeze(string text) => text == "…" ? "" : string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
}
