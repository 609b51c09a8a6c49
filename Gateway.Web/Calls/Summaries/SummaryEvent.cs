using Gateway.Core;
using Gateway.Core.Limits;

namespace Gateway.Web.Calls.Summaries;

/// <summary>One event of an ordered summary.</summary>
/// <param name="Name">As on the wire.</param>
/// <param name="Text">What it says; of <see cref="Refused"/>, the error's message.</param>
internal sealed record SummaryEvent(string Name, string Text)
{
    public const string Prompt = "summary.prompt";
    public const string Reasoning = "summary.reasoning";
    public const string Delta = "output.delta";
    public const string Done = "output.done";
    public const string Error = "error";

    /// <summary>Instead of all others: the call was refused before anything was said.</summary>
    public const string Refused = "refused";

    /// <summary>Why, of <see cref="Refused"/>.</summary>
    public GatewayError? Refusal { get; init; }

    /// <summary>Of the first event: what is left of the caller's limits.</summary>
    public LimitDecision Limits { get; init; }

    /// <summary>Of an error in the middle of the output: what had been said by then.</summary>
    public string? Partial { get; init; }
}
