using Gateway.Core.Accounting;
using Gateway.Core.Catalog;

namespace Gateway.Core.Generation;

/// <summary>An answer, in no vendor's words.</summary>
public sealed record GenerationResponse
{
    /// <summary>The upstream's id; null if it has none.</summary>
    public string? Id { get; init; }
    public string? Model { get; init; }
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>At least one, unless the prompt itself was refused.</summary>
    public required IReadOnlyList<Candidate> Candidates { get; init; }

    /// <summary>In the gateway's own convention (see <see cref="Usage"/>), whatever the wire's is.</summary>
    public Usage Usage { get; init; }

    /// <summary>The token counts as the wire has them, with whatever <see cref="Usage"/> has no field for; for the way back.</summary>
    public RawJson? RawUsage { get; init; }
    public string? ServiceTier { get; init; }
    public IReadOnlyList<VendorExtension> Extensions { get; init; } = [];
    public Wire? Origin { get; init; }

    /// <summary>The text of the first candidate; empty if it has none.</summary>
    public string ContentText => Candidates.Count == 0 ? "" : string.Concat(Candidates[0].Parts.OfType<Parts.TextPart>().Select(p => p.Text));

    /// <summary>The first candidate as a turn to put into the next request.</summary>
    public Message ToMessage() => new(Role.Assistant, Candidates[0].Parts) { Raw = Candidates[0].Raw };
}
