namespace Gateway.Core.Capabilities.Reranking;

/// <summary>One document's place.</summary>
/// <param name="Index">In the request.</param>
/// <param name="Score">As the model scores; comparable within one answer only.</param>
public readonly record struct RankedDocument(int Index, double Score);
