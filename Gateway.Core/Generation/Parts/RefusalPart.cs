namespace Gateway.Core.Generation.Parts;

/// <summary>The model's words for declining.</summary>
public sealed record RefusalPart(string Text) : Part;
