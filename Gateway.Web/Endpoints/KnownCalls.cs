using Gateway.Core.Catalog;

namespace Gateway.Web.Endpoints;

/// <summary>An operation of the gateway's own that a path names, wherever the path stands.</summary>
/// <param name="Model">The model, where the path names it; else null.</param>
/// <param name="Stream">The path asks for a stream.</param>
internal readonly record struct KnownCall(Operation Operation, string? Model = null, bool Stream = false);

/// <summary>
/// Finds out whether a path that is about to be passed through is one that the gateway understands, in any of the ways in which
/// an upstream may: what has limits, budgets and rules must not go around them.
/// </summary>
internal static class KnownCalls
{
    // What models stand below in Gemini's paths. Those of the later two have it in their names: tunedModels/mine, and endpoints/123 on Vertex AI.
    private static readonly string[] Collections = ["models", "tunedModels", "endpoints"];

    public static readonly (string Path, Operation Operation)[] All =
    [
        ("/v1/chat/completions", Operation.ChatCompletions),
        ("/v1/completions", Operation.Completions),
        ("/v1/embeddings", Operation.Embeddings),
        ("/v1/rerank", Operation.Rerank),
        ("/v2/rerank", Operation.CohereRerank),
        ("/v2/embed", Operation.CohereEmbed),
        ("/v1/moderations", Operation.Moderations),
        ("/v1/images/generations", Operation.ImageGenerations),
        ("/v1/images/edits", Operation.ImageEdits),
        ("/v1/audio/transcriptions", Operation.Transcriptions),
        ("/v1/audio/translations", Operation.Translations),
        ("/v1/audio/speech", Operation.Speech),
        ("/v1/responses", Operation.Responses),
        ("/v1/responses/compact", Operation.ResponsesCompact),
        ("/v1/responses/input_tokens", Operation.ResponsesInputTokens),
        ("/v1/messages", Operation.Messages),
        ("/v1/messages/count_tokens", Operation.MessagesCountTokens),
    ];

    /// <summary>The operation; null for what means nothing to the gateway.</summary>
    /// <param name="path">Below the prefix, as it was sent.</param>
    public static KnownCall? Find(string path)
    {
        string[] segments = Plain(path, out string? deployment);
        int at = Array.FindLastIndex(segments, s => Collections.Contains(s, StringComparer.OrdinalIgnoreCase));
        if (at >= 0 && GeminiRoutes.Find(string.Join('/', segments[(at + 1)..])) is { } gemini)
        {
            string collection = Collections.First(c => c.Equals(segments[at], StringComparison.OrdinalIgnoreCase));
            return collection == "models" ? gemini : gemini with { Model = $"{collection}/{gemini.Model}" };
        }
        // Vertex AI has OpenAI's wire there.
        bool openApi = at >= 0 && string.Join('/', segments[at..].Take(2)).Equals("endpoints/openapi", StringComparison.OrdinalIgnoreCase);
        string below = string.Join('/', segments[(openApi ? at + 2 : 0)..]);
        foreach (string version in (ReadOnlySpan<string>)["/", "/v1/"])
        {
            foreach ((string known, Operation operation) in All)
            {
                if (known.Equals(version + below, StringComparison.OrdinalIgnoreCase))
                {
                    return new KnownCall(operation, deployment);
                }
            }
        }
        return null;
    }

    /// <summary>Whether it is a session, which names its model in the query.</summary>
    public static bool IsRealtime(string path) => Plain(path, out _) is [var first, ..] && first.Equals("realtime", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether there is nothing between two slashes, which some upstreams pass over and others do not.</summary>
    public static bool HasEmptySegment(string path) => path.Contains("//", StringComparison.Ordinal);

    // Without what providers put in front of the same paths: /openai/v1/…, /openai/deployments/{name}/…, /api/v1/…
    private static string[] Plain(string path, out string? deployment)
    {
        deployment = null;
        ReadOnlySpan<string> segments = Uri.UnescapeDataString(path).Split(['/', '\\'], StringSplitOptions.RemoveEmptyEntries);
        while (segments.Length > 1)
        {
            if (segments.Length > 2 && segments[0].ToLowerInvariant() is "deployments" or "engines")
            {
                deployment = segments[1];
                segments = segments[2..];
            }
            else if (segments[0].ToLowerInvariant() is "openai" or "api" or "v1" or "v1beta" or "v1alpha")
            {
                segments = segments[1..];
            }
            else
            {
                break;
            }
        }
        return segments.ToArray();
    }
}
