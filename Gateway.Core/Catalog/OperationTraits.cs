namespace Gateway.Core.Catalog;

/// <summary>How operations differ in what comes in, what goes out and what can be counted.</summary>
public static class OperationTraits
{
    /// <summary>
    /// Whether it is one of the capabilities beside generating text: its answers are documents, sounds or events of their own,
    /// and pass through a relay of their own.
    /// </summary>
    public static bool IsCapability(this Operation operation) => operation is
        Operation.MessagesCountTokens or Operation.GeminiCountTokens or Operation.ResponsesInputTokens or Operation.ResponsesCompact
        or Operation.EmbedContent or Operation.BatchEmbedContents or Operation.CohereEmbed
        or Operation.Rerank or Operation.CohereRerank or Operation.Moderations
        or Operation.ImageGenerations or Operation.ImageEdits
        or Operation.Transcriptions or Operation.Translations or Operation.Speech;

    /// <summary>Whether clients send files with it, as <c>multipart/form-data</c>.</summary>
    public static bool TakesMultipart(this Operation operation) =>
        operation is Operation.ImageEdits or Operation.Transcriptions or Operation.Translations;

    /// <summary>Whether it can be asked with a JSON body.</summary>
    public static bool TakesJson(this Operation operation) =>
        operation is not (Operation.Transcriptions or Operation.Translations);

    /// <summary>Whether what is said in it can be kept: JSON both ways. Uploads, sound and what is passed through are not.</summary>
    public static bool CanBeCaptured(this Operation operation) => operation is not Operation.Speech and not Operation.PassThrough && operation.TakesJson();

    /// <summary>Whether it makes vectors: all its cost is input.</summary>
    public static bool Embeds(this Operation operation) =>
        operation is Operation.Embeddings or Operation.EmbedContent or Operation.BatchEmbedContents or Operation.CohereEmbed;

    /// <summary>Whether an answer that is not streamed is made whole before any of it is sent, which may take minutes.</summary>
    public static bool IsMadeWhole(this Operation operation) => operation.Generates()
        || operation is Operation.ImageGenerations or Operation.ImageEdits or Operation.Transcriptions or Operation.Translations;

    /// <summary>Whether it only counts tokens, which costs nothing.</summary>
    public static bool CountsTokens(this Operation operation) =>
        operation is Operation.MessagesCountTokens or Operation.GeminiCountTokens or Operation.ResponsesInputTokens;

    /// <summary>Whether it takes what a Responses request holds.</summary>
    public static bool IsOfResponses(this Operation operation) =>
        operation is Operation.Responses or Operation.ResponsesCompact or Operation.ResponsesInputTokens;

    /// <summary>
    /// Whether tokens are estimated where an upstream reports none. What is priced by the second, the picture or the search is
    /// not: there unknown stays unknown.
    /// </summary>
    public static bool IsEstimated(this Operation operation) => operation.Generates() || operation.Embeds();

    /// <summary>The member of the body that the operation is about; null where none must be there.</summary>
    public static string? InputName(this Operation operation) => operation switch
    {
        Operation.ChatCompletions or Operation.Messages or Operation.MessagesCountTokens => "messages",
        Operation.Completions or Operation.ImageGenerations or Operation.ImageEdits => "prompt",
        Operation.Embeddings or Operation.Responses or Operation.ResponsesCompact or Operation.ResponsesInputTokens or Operation.Moderations or Operation.Speech => "input",
        Operation.GenerateContent => "contents",
        Operation.Rerank or Operation.CohereRerank => "query",
        Operation.EmbedContent => "content",
        Operation.BatchEmbedContents => "requests",
        _ => null,
    };

    /// <summary>Whether the input must be there: a Responses request may go on from a stored answer or prompt alone.</summary>
    public static bool RequiresInput(this Operation operation) => !operation.IsOfResponses();

    /// <summary>Whether the path names the model, and never the body.</summary>
    public static bool NamesModelInPath(this Operation operation) => operation is
        Operation.GenerateContent or Operation.GeminiCountTokens or Operation.EmbedContent or Operation.BatchEmbedContents or Operation.Converse
        or Operation.Predict or Operation.InvokeModel;

    /// <summary>The model that the API itself documents for requests that name none; null where one must be named.</summary>
    public static string? DefaultModel(this Operation operation) => operation switch
    {
        Operation.Moderations => "omni-moderation-latest",
        Operation.ImageGenerations or Operation.ImageEdits => "dall-e-2",
        _ => null,
    };
}
