using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Gateway.Core;

namespace Gateway.Web.Components.Pages.Playground;

/// <summary>A piece of an answer: text, reasoning or an error, whichever is not null.</summary>
internal readonly record struct ChatPiece(string? Text, string? Reasoning, string? Error);

/// <summary>Reads an in-process call's answer the way a client would, whole or streamed.</summary>
internal static class ChatAnswer
{
    public static async IAsyncEnumerable<ChatPiece> ReadAsync(
        InProcessCall call, bool streamed, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int status = await call.Status.WaitAsync(cancellationToken);
        await using Stream body = call.Body.AsStream();
        if (status >= 400 || !streamed)
        {
            using JsonDocument document = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
            yield return Piece(document.RootElement, "message");
            yield break;
        }
        await foreach (SseItem<byte[]> item in SseParser.Create(body, (_, data) => data.ToArray()).EnumerateAsync(cancellationToken))
        {
            if (item.Data.AsSpan().SequenceEqual("[DONE]"u8))
            {
                yield break;
            }
            using JsonDocument document = JsonDocument.Parse(item.Data);
            yield return Piece(document.RootElement, "delta");
        }
    }

    private static ChatPiece Piece(JsonElement root, string part)
    {
        if (root.TryGetProperty("error", out JsonElement error))
        {
            return new ChatPiece(null, null, Text(error, "message") ?? "The gateway answered with an error.");
        }
        if (root.TryGetProperty("choices", out JsonElement choices) && choices.ValueKind == JsonValueKind.Array && choices.GetArrayLength() > 0
            && choices[0].TryGetProperty(part, out JsonElement message))
        {
            return new ChatPiece(Text(message, "content"), Text(message, "reasoning_content") ?? Text(message, "reasoning"), null);
        }
        return default;
    }

    private static string? Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
