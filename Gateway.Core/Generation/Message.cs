using Gateway.Core.Generation.Parts;

namespace Gateway.Core.Generation;

/// <summary>One turn. Tool results stand in messages of the role <see cref="Role.Tool"/>, whichever role their wire gives them.</summary>
public sealed record Message(Role Role, IReadOnlyList<Part> Parts)
{
    /// <summary>The participant's name, where the wire has one.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// The turn as it came, verbatim: a codec of the same wire writes this instead of the parts, so that signatures, ids and
    /// fields that nobody knows survive a round trip. Null when it was made in code or has been changed.
    /// </summary>
    public RawJson? Raw { get; init; }
}
