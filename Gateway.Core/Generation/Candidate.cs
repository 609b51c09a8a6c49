using System.Text.Json;
using Gateway.Core.Generation.Parts;

namespace Gateway.Core.Generation;

/// <summary>One of the answers to a request.</summary>
public sealed record Candidate(int Index, IReadOnlyList<Part> Parts, FinishReason Finish)
{
    /// <summary>The upstream's own word for <see cref="Finish"/>.</summary>
    public string? RawFinish { get; init; }

    /// <summary>Which of the stop sequences it was, if the wire says.</summary>
    public string? StopSequence { get; init; }

    /// <summary>OpenAI Chat's <c>logprobs</c> object; undefined if there is none.</summary>
    public JsonElement Logprobs { get; init; }

    /// <summary>The turn as a message of the upstream's wire, for the next request there; null if that has no such form.</summary>
    public RawJson? Raw { get; init; }

    /// <summary>What its wire says of this one answer and the canonical form has no place for; written back on that wire only.</summary>
    public IReadOnlyList<VendorExtension> Extensions { get; init; } = [];
}
