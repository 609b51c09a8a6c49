using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;
using Gateway.Web.Administration.Conversations;

namespace Gateway.Web.Components.Pages.Playground;

/// <summary>The playground's state as it is kept, and back. Signatures and raw forms of vendors stay behind.</summary>
internal static class KeptConversation
{
    private const int NameLength = 60;

    public static string NameOf(IEnumerable<Trial> trials)
    {
        string question = string.Join(' ', trials.SelectMany(t => t.Turns).Select(t => t.Question).FirstOrDefault(q => q.Length > 0)?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) ?? []);
        return question.Length == 0 ? "A picture" : question.Length <= NameLength ? question : question[..NameLength].TrimEnd() + "…";
    }

    public static ConversationContent Of(PlaySettings settings, IEnumerable<Trial> trials) => new()
    {
        Wire = settings.Wire.ToName(),
        System = Given(settings.System),
        Temperature = settings.Temperature,
        TopP = settings.TopP,
        MaxTokens = settings.MaxTokens,
        Stop = Given(settings.Stop),
        Seed = settings.Seed,
        Effort = Given(settings.Effort),
        Tools = Given(settings.Tools),
        Schema = Given(settings.Schema),
        Route = Given(settings.Route),
        Stream = settings.Stream,
        Panes = [.. trials.Select(t => new ConversationPane(t.Model, [.. t.Turns.Select(Of)]))],
    };

    /// <summary>Fills the settings in.</summary>
    /// <returns>The models side by side, with what was said.</returns>
    public static IReadOnlyList<Trial> Open(ConversationContent content, PlaySettings settings)
    {
        settings.Wire = Wires.TryParse(content.Wire, out Wire wire) ? wire : Wire.OpenAIChat;
        settings.System = content.System ?? "";
        settings.Temperature = content.Temperature;
        settings.TopP = content.TopP;
        settings.MaxTokens = content.MaxTokens;
        settings.Stop = content.Stop ?? "";
        settings.Seed = content.Seed;
        settings.Effort = content.Effort ?? "";
        settings.Tools = content.Tools ?? "";
        settings.Schema = content.Schema ?? "";
        settings.Route = content.Route ?? "";
        settings.Stream = content.Stream;
        return [.. content.Panes.Select(p =>
        {
            var trial = new Trial(p.Model);
            trial.Turns.AddRange(p.Turns.Select(t => Open(t, settings.Schema)));
            return trial;
        })];
    }

    private static ConversationTurn Of(ChatTurn turn) => new()
    {
        Question = turn.Question,
        Images = turn.Images,
        ImagesLeftOut = turn.ImagesLeftOut,
        Results = [.. turn.Results.Select(r => new ConversationToolResult(r.CallId, r.Name ?? "", r.Text))],
        Answer = turn.Answer,
        Reasoning = Given(turn.Reasoning),
        Calls = [.. turn.Calls.Select(c => new ConversationToolCall(c.Id, c.Name, c.ArgumentsJson))],
        Error = turn.Error,
        Request = turn.RecordId,
    };

    private static ChatTurn Open(ConversationTurn turn, string schema) => new(turn.Question)
    {
        Images = turn.Images,
        ImagesLeftOut = turn.ImagesLeftOut,
        Results = [.. turn.Results.Select(r => new ToolResultPart(r.CallId, [new TextPart(r.Text)]) { Name = r.Name })],
        Schema = turn.Calls.Count == 0 ? schema : "",
        Message = new Message(Role.Assistant,
        [
            .. turn.Reasoning is { } reasoning ? (Part[])[new ReasoningPart(reasoning)] : [],
            .. turn.Answer.Length > 0 ? (Part[])[new TextPart(turn.Answer)] : [],
            .. turn.Calls.Select(c => new ToolCallPart(c.Id, c.Name, c.Arguments)),
        ]),
        Error = turn.Error,
        RecordId = turn.Request,
        Running = false,
    };

    private static string? Given(string text) => text.Length == 0 ? null : text;
}
