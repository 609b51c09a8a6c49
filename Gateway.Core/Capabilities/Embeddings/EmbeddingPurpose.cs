namespace Gateway.Core.Capabilities.Embeddings;

/// <summary>What vectors are for: Gemini's <c>taskType</c>, Cohere's <c>input_type</c>. OpenAI's models do not ask.</summary>
public enum EmbeddingPurpose
{
    SearchQuery,
    SearchDocument,
    Classification,
    Clustering,
    Similarity,
    QuestionAnswering,
    FactVerification,
    CodeQuery,
}
