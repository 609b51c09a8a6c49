using System.Text.Json;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.OpenAI.Responses;

/// <summary>How an answer ended: <c>status</c> and <c>incomplete_details</c>.</summary>
internal static class ResponsesStatus
{
    public static FinishReason Read(JsonElement response, IReadOnlyList<Part> parts) =>
        Read(response, parts.Any(p => p is ToolCallPart), parts.Any(p => p is RefusalPart) && !parts.Any(p => p is TextPart { Text.Length: > 0 }));

    /// <param name="called">There were tool calls: the wire has no word of its own for that.</param>
    /// <param name="refused">There was a refusal and nothing else.</param>
    public static FinishReason Read(JsonElement response, bool called, bool refused) => Word(response) switch
    {
        "max_output_tokens" or "max_tokens" or "length" => FinishReason.Length,
        "content_filter" => FinishReason.ContentFilter,
        "completed" or null => called ? FinishReason.ToolCalls : refused ? FinishReason.Refusal : FinishReason.Stop,
        _ => FinishReason.Other,
    };

    /// <summary>The reason of an incomplete answer, else the status.</summary>
    public static string? Word(JsonElement response) =>
        response.Has("incomplete_details", out JsonElement details) && details.Text("reason") is { } reason ? reason : response.Text("status");

    /// <summary>Null for an answer that is complete.</summary>
    public static string? IncompleteReason(FinishReason finish, bool refusalSaid) => finish switch
    {
        FinishReason.Length => "max_output_tokens",
        FinishReason.ContentFilter => "content_filter",
        // A refusal is a whole answer where the model put it in words.
        FinishReason.Refusal when !refusalSaid => "content_filter",
        _ => null,
    };
}
