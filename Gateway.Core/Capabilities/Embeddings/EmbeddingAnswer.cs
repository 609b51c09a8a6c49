using Gateway.Core.Accounting;

namespace Gateway.Core.Capabilities.Embeddings;

/// <summary>Vectors, in the order of the texts.</summary>
/// <param name="Usage">As reported, or estimated by the gateway before it is written; its source says which.</param>
/// <param name="Model">As the client knows it, when it is written.</param>
public sealed record EmbeddingAnswer(IReadOnlyList<float[]> Vectors, Usage Usage, string Model = "");
