namespace Gateway.Core.Generation.Parts;

/// <summary>The model wants one of the caller's functions called.</summary>
/// <param name="Id">Unique in the conversation; made by the codec where the wire has none (Gemini).</param>
/// <param name="ArgumentsJson">JSON text, an object as a rule; as the model wrote it, so it may be broken.</param>
public sealed record ToolCallPart(string Id, string Name, string ArgumentsJson) : Part
{
    /// <summary>What Gemini attaches to a call and wants back with it; null for none.</summary>
    public string? Signature { get; init; }
}
