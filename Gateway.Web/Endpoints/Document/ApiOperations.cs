namespace Gateway.Web.Endpoints.Document;

/// <summary>What the data plane serves: a test holds it against the routes.</summary>
internal static class ApiOperations
{
    private const string Text = "Generating text";
    private const string Vectors = "Vectors and rankings";
    private const string Media = "Pictures and sound";
    private const string Stored = "Stored responses";
    private const string Models = "Models";
    private const string Health = "Health";

    private static readonly string[] WholeOrEvents = ["application/json", "text/event-stream"];
    private static readonly string[] Failures = ["4XX", "5XX"];

    /// <summary>Where the key may stand.</summary>
    public static IReadOnlyList<(string Name, string Meaning)> Keys { get; } =
    [
        ("bearer", ""),
        ("x-api-key", "As Anthropic's SDKs send it."),
        ("api-key", "As Azure's SDKs send it."),
        ("x-goog-api-key", "As Gemini's SDKs send it; `?key=` will do, too."),
    ];

    public static IReadOnlyList<ApiHeader> Headers { get; } =
    [
        new("x-request-id", "string", "The call's id; for Anthropic's API it is in `request-id`, too.", OfErrors: true),
        new("x-ratelimit-limit-requests", "integer", "Requests a minute that the tightest limit allows; left out where there is none.", OfErrors: true),
        new("x-ratelimit-remaining-requests", "integer", "How many of them are left.", OfErrors: true),
        new("x-ratelimit-reset-requests", "string", "When one more fits, such as `250ms` or `45s`.", OfErrors: true),
        new("x-ratelimit-limit-tokens", "integer", "Tokens a minute that the tightest limit allows; left out where there is none.", OfErrors: true),
        new("x-ratelimit-remaining-tokens", "integer", "How many of them are left.", OfErrors: true),
        new("x-ratelimit-reset-tokens", "string", "When one more fits.", OfErrors: true),
        new("x-gateway-attempts", "integer", "How many backends were asked.", OfCalls: true),
        new("x-gateway-provider", "string", "Who answered: the provider's name.", OfCalls: true),
        new("x-gateway-backend", "string", "Who answered: the backend's id.", OfCalls: true),
        new("x-gateway-overhead-ms", "number", "The call's time less the time spent waiting for upstreams; of whole answers.", OfCalls: true),
        new("x-gateway-cost-usd", "string", "What it cost, as a decimal; of whole answers, left out where the price is unknown.", OfCalls: true),
        new("x-gateway-lossy", "string", "What the translation to another API lost.", OfCalls: true),
        new("x-gateway-estimated", "string", "`true`: the count of tokens is the gateway's own estimate.", OfCalls: true),
        new("retry-after", "integer", "Whole seconds after which it is worth trying again.", OfAnswers: false, OfErrors: true),
        new("retry-after-ms", "integer", "The same in milliseconds.", OfAnswers: false, OfErrors: true),
        new("x-should-retry", "string", "`false`: waiting does not cure it.", OfAnswers: false, OfErrors: true),
    ];

    public static IReadOnlyList<ApiOperation> All { get; } =
    [
        Call("/v1/chat/completions", Text, "Chat (OpenAI); with the header `x-gateway-events: summary` ordered summaries", "ChatCompletionRequest", "ChatCompletion", WholeOrEvents),
        Call("/v1/completions", Text, "Completions (OpenAI)", "CompletionRequest", "Completion", WholeOrEvents),
        Call("/v1/responses", Text, "Responses (OpenAI)", "ResponseRequest", "Response", WholeOrEvents),
        Call("/v1/responses/compact", Text, "Make a conversation shorter (OpenAI)", "ResponseRequest", "Response"),
        Call("/v1/responses/input_tokens", Text, "Count tokens (OpenAI)", "ResponseRequest", "ResponseTokens"),
        Call("/v1/messages", Text, "Messages (Anthropic)", "MessageRequest", "Message", WholeOrEvents, ErrorWire.Anthropic),
        Call("/v1/messages/count_tokens", Text, "Count tokens (Anthropic)", "MessageRequest", "MessageTokens", wire: ErrorWire.Anthropic),
        Call("/v1beta/models/{model}:generateContent", Text, "Generate (Gemini)", "GenerateContentRequest", "GenerateContentResponse", wire: ErrorWire.Gemini),
        Call("/v1beta/models/{model}:streamGenerateContent", Text, "Generate as a stream (Gemini): events with `?alt=sse`, else an array", "GenerateContentRequest", "GenerateContentResponses", WholeOrEvents, ErrorWire.Gemini),
        Call("/v1beta/models/{model}:countTokens", Text, "Count tokens (Gemini)", "GenerateContentRequest", "GeminiTokens", wire: ErrorWire.Gemini),
        Call("/v1/embeddings", Vectors, "Embeddings (OpenAI)", "EmbeddingRequest", "Embeddings"),
        Call("/v1beta/models/{model}:embedContent", Vectors, "Embeddings of one text (Gemini)", "EmbedContentRequest", "EmbedContentResponse", wire: ErrorWire.Gemini),
        Call("/v1beta/models/{model}:batchEmbedContents", Vectors, "Embeddings of several texts (Gemini)", "BatchEmbedContentsRequest", "BatchEmbedContentsResponse", wire: ErrorWire.Gemini),
        Call("/v2/embed", Vectors, "Embeddings (Cohere)", "CohereEmbedRequest", "CohereEmbedResponse"),
        Call("/v1/rerank", Vectors, "Rankings (Jina's shape)", "RerankRequest", "RerankResponse"),
        Call("/v2/rerank", Vectors, "Rankings (Cohere)", "RerankRequest", "RerankResponse"),
        Call("/v1/moderations", Text, "Moderations (OpenAI)", "ModerationRequest", "Moderation"),
        Call("/v1/images/generations", Media, "Make pictures (OpenAI)", "ImageRequest", "Images", WholeOrEvents),
        Call("/v1/images/edits", Media, "Edit pictures (OpenAI)", "ImageEditRequest", "Images", WholeOrEvents) with { TakesMedia = ["multipart/form-data", "application/json"] },
        Call("/v1/audio/transcriptions", Media, "Write down speech (OpenAI)", "TranscriptionRequest", "Transcription", ["application/json", "text/plain", "text/event-stream"]) with { TakesMedia = ["multipart/form-data"] },
        Call("/v1/audio/translations", Media, "Write down speech in English (OpenAI)", "TranscriptionRequest", "Transcription", ["application/json", "text/plain"]) with { TakesMedia = ["multipart/form-data"] },
        Call("/v1/audio/speech", Media, "Speak a text (OpenAI)", "SpeechRequest", "", ["audio/mpeg", "text/event-stream"]),
        Read("GET", "/v1/models", Models, "List the models that the key may use; with the header `anthropic-version` in Anthropic's shape", "AnyModelList"),
        Read("GET", "/v1/models/{model}", Models, "Get a model; its name may hold slashes. The shape is that of the list", "AnyModel"),
        Read("GET", "/v1beta/models", Models, "List the models that the key may use (Gemini)", "GeminiModelList") with { Wire = ErrorWire.Gemini },
        Read("GET", "/v1beta/models/{model}", Models, "Get a model (Gemini)", "GeminiModel") with { Wire = ErrorWire.Gemini },
        Read("GET", "/v1/responses/{id}", Stored, "Get an answer that is kept", "Response"),
        Read("DELETE", "/v1/responses/{id}", Stored, "Delete an answer that is kept", "DeletedResponse"),
        Read("POST", "/v1/responses/{id}/cancel", Stored, "Cancel an answer that is made in the background", "Response"),
        Read("GET", "/v1/responses/{id}/input_items", Stored, "List what an answer was given", "InputItems"),
        Open("/v1/health", "The process answers", "Health"),
        Open("/v1/ready", "The node should get traffic", "Readiness") with { Failures = ["503"] },
    ];

    private static ApiOperation Call(string path, string tag, string summary, string takes, string gives, string[]? media = null, ErrorWire wire = ErrorWire.OpenAI) =>
        new("POST", path, tag, summary)
        {
            Takes = takes,
            Gives = gives,
            GivesMedia = media ?? ["application/json"],
            Wire = wire,
            Failures = Failures,
        };

    private static ApiOperation Read(string method, string path, string tag, string summary, string gives) => new(method, path, tag, summary) { Gives = gives, Failures = Failures };

    private static ApiOperation Open(string path, string summary, string gives) => new("GET", path, Health, summary) { Gives = gives, IsOpen = true };
}
