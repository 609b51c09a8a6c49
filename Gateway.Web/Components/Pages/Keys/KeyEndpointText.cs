using Gateway.Core.Catalog;

namespace Gateway.Web.Components.Pages.Keys;

/// <summary>What the endpoints that a key may be used for are called on pages.</summary>
internal static class KeyEndpointText
{
    /// <summary>Each by its name in the admin API, in the order in which they are offered.</summary>
    public static IEnumerable<(string Name, string Text, string Title)> All => EndpointKindNames.All.Select(n => (n, Of(n), TitleOf(n)));

    public static string Of(string name) => name switch
    {
        "rerank" => "reranking",
        "moderations" => "moderation",
        "pass_through" => "pass-through",
        _ => name,
    };

    /// <summary>In one line.</summary>
    public static string Of(IReadOnlyList<string> names) => string.Join(", ", names.Select(Of));

    private static string TitleOf(string name) => name switch
    {
        "chat" => "Chat completions, completions, responses, messages, Gemini's, and counting their tokens",
        "audio" => "Speech, transcription and translation",
        "images" => "Making and editing pictures",
        "pass_through" => "What is forwarded as it stands: files, batches, realtime, native paths",
        _ => $"Calls of /v1/{name}",
    };
}
