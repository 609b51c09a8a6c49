using System.Buffers;
using System.Text.Json;

namespace Gateway.Core.Generation.StoredResponses;

/// <summary>Puts stored turns before new ones. Works on the Responses wire's own JSON, so that items nobody knows survive.</summary>
public static class StoredConversation
{
    /// <summary>The request with the whole conversation as its <c>input</c>, for an upstream that does not have the previous answer.</summary>
    /// <param name="request">A Responses request that names <paramref name="previous"/>.</param>
    /// <param name="keepReference">
    /// Whether <c>previous_response_id</c> stays: for our own reading, which repeats it in the answer. An upstream would refuse it.
    /// </param>
    /// <exception cref="JsonException">The request, or what was stored, is not JSON.</exception>
    public static byte[] Resume(StoredResponse previous, ReadOnlyMemory<byte> request, bool keepReference)
    {
        JsonElement whole = JsonFields.Parse(request.Span);
        var output = new ArrayBufferWriter<byte>(previous.Input.Length + previous.Response.Length + request.Length + 256);
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            foreach (JsonProperty field in whole.EnumerateObject())
            {
                if (!field.NameEquals("input"u8) && (keepReference || !field.NameEquals("previous_response_id"u8)))
                {
                    field.WriteTo(writer);
                }
            }
            writer.WriteStartArray("input"u8);
            WriteItems(previous.Input, null, writer);
            WriteItems(previous.Response, "output", writer);
            WriteInput(whole, writer);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return output.WrittenSpan.ToArray();
    }

    /// <summary>All input items of a request as a JSON array, a bare text as the message that it stands for: what to store with its answer.</summary>
    /// <param name="request">As sent, or as <see cref="Resume"/> made it.</param>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static byte[] InputOf(ReadOnlyMemory<byte> request)
    {
        JsonElement whole = JsonFields.Parse(request.Span);
        var output = new ArrayBufferWriter<byte>(request.Length + 64);
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartArray();
            WriteInput(whole, writer);
            writer.WriteEndArray();
        }
        return output.WrittenSpan.ToArray();
    }

    private static void WriteItems(ReadOnlyMemory<byte> json, string? field, Utf8JsonWriter writer)
    {
        if (json.IsEmpty)
        {
            return;
        }
        JsonElement whole = JsonFields.Parse(json.Span);
        JsonElement items = field is null ? whole : whole.TryGetProperty(field, out JsonElement value) ? value : default;
        if (items.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in items.EnumerateArray())
            {
                item.WriteTo(writer);
            }
        }
    }

    private static void WriteInput(JsonElement request, Utf8JsonWriter writer)
    {
        if (!request.Has("input", out JsonElement input))
        {
            return;
        }
        if (input.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in input.EnumerateArray())
            {
                item.WriteTo(writer);
            }
        }
        else
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "message"u8);
            writer.WriteString("role"u8, "user"u8);
            writer.WritePropertyName("content"u8);
            input.WriteTo(writer);
            writer.WriteEndObject();
        }
    }
}
