using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Generation.Parts;

namespace Gateway.Core.Generation.Streaming;

/// <summary>
/// One step of a streamed answer, in no vendor's words. <see cref="StreamEventKind"/> says which fields a kind uses. Parts of a
/// choice are numbered from 0 in the order in which they start; parts may overlap only where they are tool calls.
/// </summary>
public readonly record struct StreamEvent(StreamEventKind Kind)
{
    /// <summary>The <see cref="Name"/> of a reasoning part that is only there encrypted.</summary>
    public const string Redacted = "redacted";

    public int Choice { get; init; }

    /// <summary>The part's number within its choice.</summary>
    public int Part { get; init; }
    public PartKind PartKind { get; init; }
    public string? Text { get; init; }
    public string? Id { get; init; }
    public string? Name { get; init; }
    public FinishReason Finish { get; init; }
    public Usage Usage { get; init; }
    public Citation? Citation { get; init; }

    /// <summary>Owns its memory; undefined if unused.</summary>
    public JsonElement Json { get; init; }
}
