namespace Gateway.Core.Catalog;

/// <summary>
/// What is asked of a model, by a client of the gateway or by the gateway of an upstream. Decides the path, the shape of the
/// body, and how usage is read. The numbers are in journals: add at the end, never reorder.
/// </summary>
public enum Operation
{
    /// <summary>OpenAI <c>POST /v1/chat/completions</c>.</summary>
    ChatCompletions,

    /// <summary>OpenAI <c>POST /v1/completions</c>.</summary>
    Completions,

    /// <summary>OpenAI <c>POST /v1/embeddings</c>.</summary>
    Embeddings,

    /// <summary>OpenAI <c>POST /v1/responses</c>.</summary>
    Responses,

    /// <summary>Anthropic <c>POST /v1/messages</c>.</summary>
    Messages,

    /// <summary>Anthropic <c>POST /v1/messages/count_tokens</c>.</summary>
    MessagesCountTokens,

    /// <summary>Gemini <c>POST /v1beta/models/{model}:generateContent</c> and <c>:streamGenerateContent</c>.</summary>
    GenerateContent,

    /// <summary>Gemini <c>POST /v1beta/models/{model}:countTokens</c>.</summary>
    GeminiCountTokens,

    /// <summary>Gemini <c>POST /v1beta/models/{model}:embedContent</c>.</summary>
    EmbedContent,

    /// <summary>Gemini <c>POST /v1beta/models/{model}:batchEmbedContents</c>.</summary>
    BatchEmbedContents,

    /// <summary>Bedrock <c>POST /model/{model}/converse</c> and <c>/converse-stream</c>.</summary>
    Converse,

    /// <summary>Cohere <c>POST /v2/chat</c>.</summary>
    CohereChat,

    /// <summary>Cohere <c>POST /v2/embed</c>.</summary>
    CohereEmbed,

    /// <summary>OpenAI-shaped <c>POST /v1/rerank</c> (Jina's, which vLLM and others share).</summary>
    Rerank,

    /// <summary>Cohere <c>POST /v2/rerank</c>.</summary>
    CohereRerank,

    /// <summary>OpenAI <c>POST /v1/moderations</c>.</summary>
    Moderations,

    /// <summary>OpenAI <c>POST /v1/images/generations</c>.</summary>
    ImageGenerations,

    /// <summary>OpenAI <c>POST /v1/images/edits</c> (multipart).</summary>
    ImageEdits,

    /// <summary>OpenAI <c>POST /v1/audio/transcriptions</c> (multipart).</summary>
    Transcriptions,

    /// <summary>OpenAI <c>POST /v1/audio/translations</c> (multipart).</summary>
    Translations,

    /// <summary>OpenAI <c>POST /v1/audio/speech</c>; answers with sound.</summary>
    Speech,

    /// <summary>Anything else below <c>/v1/</c>, forwarded as it stands.</summary>
    PassThrough,

    /// <summary>Vertex AI <c>POST …/models/{model}:predict</c>; only upstream.</summary>
    Predict,

    /// <summary>Bedrock <c>POST /model/{model}/invoke</c>; only upstream.</summary>
    InvokeModel,

    /// <summary>OpenAI <c>POST /v1/responses/compact</c>: a conversation made shorter, at what that costs.</summary>
    ResponsesCompact,

    /// <summary>OpenAI <c>POST /v1/responses/input_tokens</c>.</summary>
    ResponsesInputTokens,
}

/// <summary>Names, paths and kinds of <see cref="Operation"/>.</summary>
public static class Operations
{
    private static readonly string[] Names =
    [
        "chat.completions", "completions", "embeddings", "responses", "messages", "messages.count_tokens", "generate_content",
        "count_tokens", "embed_content", "batch_embed_contents", "converse", "cohere.chat", "cohere.embed", "rerank", "cohere.rerank",
        "moderations", "images.generations", "images.edits", "audio.transcriptions", "audio.translations", "audio.speech", "pass_through",
        "predict", "invoke_model", "responses.compact", "responses.input_tokens",
    ];

    private static readonly string[] Paths =
    [
        "chat/completions", "completions", "embeddings", "responses", "messages", "messages/count_tokens", "generateContent",
        "countTokens", "embedContent", "batchEmbedContents", "converse", "chat", "embed", "rerank", "rerank",
        "moderations", "images/generations", "images/edits", "audio/transcriptions", "audio/translations", "audio/speech", "",
        "predict", "invoke", "responses/compact", "responses/input_tokens",
    ];

    /// <summary>How many there are: the length of a table by operation.</summary>
    public static int Count => Names.Length;

    /// <summary>As in records, logs and the console.</summary>
    public static string ToName(this Operation operation) => Names[(int)operation];

    /// <summary>
    /// The path below the base URL, without a leading slash; for operations whose path holds the model (Gemini's, Bedrock's),
    /// the method's name that ends it.
    /// </summary>
    public static string ToPath(this Operation operation) => Paths[(int)operation];

    /// <summary>The wire of an operation that generates text from messages; null for all others.</summary>
    public static Wire? GenerationWire(this Operation operation) => operation switch
    {
        Operation.ChatCompletions => Wire.OpenAIChat,
        Operation.Responses => Wire.OpenAIResponses,
        Operation.Messages => Wire.AnthropicMessages,
        Operation.GenerateContent => Wire.Gemini,
        Operation.Converse => Wire.BedrockConverse,
        Operation.CohereChat => Wire.CohereChat,
        _ => null,
    };

    /// <summary>Whether the answer costs output tokens.</summary>
    public static bool Generates(this Operation operation) => operation == Operation.Completions || operation.GenerationWire() is not null;
}
