using Gateway.Core.Catalog;

namespace Gateway.Core.Generation.Parts;

/// <summary>What the model thought, or a summary of it.</summary>
/// <param name="Text">Empty when only a signature or encrypted thoughts came.</param>
public sealed record ReasoningPart(string Text) : Part
{
    /// <summary>
    /// The vendor's proof that the thoughts are its own, or the thoughts themselves encrypted; wanted back in the next turn by
    /// the wire of <see cref="Origin"/>, and meaningless on any other.
    /// </summary>
    public string? Signature { get; init; }

    /// <summary>The thoughts are only there encrypted, in <see cref="Signature"/> (Anthropic's <c>redacted_thinking</c>).</summary>
    public bool Redacted { get; init; }

    /// <summary>The item's id at the vendor (Responses); null for none.</summary>
    public string? Id { get; init; }
    public Wire? Origin { get; init; }
}
