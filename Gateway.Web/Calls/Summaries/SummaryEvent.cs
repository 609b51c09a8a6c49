namespace Gateway.Web.Calls.Summaries;

/// <summary>One event of an ordered summary.</summary>
/// <param name="Name">As on the wire.</param>
/// <param name="Text">What it says; of <see cref="Refused"/>, the error's body.</param>
internal sealed record SummaryEvent(string Name, string Text)
{
    public const string Prompt = "summary.prompt";
    public const string Reasoning = "summary.reasoning";
    public const string Delta = "output.delta";
    public const string Done = "output.done";
    public const string Error = "error";

    /// <summary>Instead of all others: the call was refused before anything was said.</summary>
    public const string Refused = "refused";

    /// <summary>The status of <see cref="Refused"/>.</summary>
    public int Status { get; init; }

    /// <summary>Of an error in the middle of the output: what had been said by then.</summary>
    public string? Partial { get; init; }
}
