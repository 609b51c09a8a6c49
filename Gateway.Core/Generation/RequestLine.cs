namespace Gateway.Core.Generation;

/// <summary>What some wires (Gemini's, Bedrock's) say in a request's path.</summary>
/// <param name="Model">Null where the body names it.</param>
/// <param name="Stream">Null where the body says it.</param>
public readonly record struct RequestLine(string? Model, bool? Stream);
