using Gateway.Core.Catalog;

namespace Gateway.Providers;

/// <summary>Something that clients ask providers for: one operation, or several for the same purpose.</summary>
/// <param name="Name">For the admin API, for example <c>responses</c>.</param>
/// <param name="Label">For people.</param>
public sealed record Capability(string Name, string Label, params Operation[] Operations)
{
    /// <summary>In the order in which a matrix shows them.</summary>
    public static IReadOnlyList<Capability> All { get; } =
    [
        new("chat", Wire.OpenAIChat.ToTitle(), Operation.ChatCompletions),
        new("responses", Wire.OpenAIResponses.ToTitle(), Operation.Responses),
        new("messages", Wire.AnthropicMessages.ToTitle(), Operation.Messages),
        new("gemini", Wire.Gemini.ToTitle(), Operation.GenerateContent),
        new("converse", Wire.BedrockConverse.ToTitle(), Operation.Converse),
        new("cohere_chat", Wire.CohereChat.ToTitle(), Operation.CohereChat),
        new("completions", "Completions", Operation.Completions),
        new("count_tokens", "Token counting", Operation.MessagesCountTokens, Operation.GeminiCountTokens),
        new("embeddings", "Embeddings", Operation.Embeddings, Operation.EmbedContent, Operation.BatchEmbedContents, Operation.CohereEmbed),
        new("rerank", "Rerank", Operation.Rerank, Operation.CohereRerank),
        new("moderations", "Moderations", Operation.Moderations),
        new("images", "Images", Operation.ImageGenerations, Operation.ImageEdits),
        new("transcription", "Transcription", Operation.Transcriptions, Operation.Translations),
        new("speech", "Speech", Operation.Speech),
    ];
}
