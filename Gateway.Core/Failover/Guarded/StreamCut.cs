using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;

namespace Gateway.Core.Failover.Guarded;

/// <summary>
/// Ends a stream of one wire before its upstream did, as that wire ends one whose content was filtered. Knows what was sent, and
/// goes on from there.
/// </summary>
internal abstract class StreamCut
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static StreamCut Of(Call call) => call.Envelope.Operation switch
    {
        Operation.Messages => new MessagesCut(),
        Operation.Responses => new ResponsesCut(call.Envelope.ModelJson),
        Operation.GenerateContent => new GeminiCut(call.Envelope.ModelJson, call.Exchange.WantsArray),
        _ => new ChatCut(call.Envelope),
    };

    /// <summary>An event was sent.</summary>
    public abstract void Note(JsonElement sent);

    /// <summary>Writes what is still to be sent.</summary>
    /// <param name="last">The event that was not sent any more, for what all events of a stream have in common.</param>
    public abstract void Write(IBufferWriter<byte> output, JsonElement last, Usage used);

    protected static void WriteEvent(IBufferWriter<byte> output, ReadOnlySpan<byte> before, Action<Utf8JsonWriter> write, ReadOnlySpan<byte> after)
    {
        output.Write(before);
        using (var json = new Utf8JsonWriter(output, Plain))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        output.Write(after);
    }

    /// <summary>A member as the other events have it; nothing where they have none.</summary>
    protected static void Copy(Utf8JsonWriter json, JsonElement from, string name)
    {
        if (from.ValueKind == JsonValueKind.Object && from.TryGetProperty(name, out JsonElement value))
        {
            json.WritePropertyName(name);
            value.WriteTo(json);
        }
    }

    /// <param name="name">The model's public name, as JSON.</param>
    protected static void WriteModel(Utf8JsonWriter json, string member, ReadOnlyMemory<byte> name)
    {
        json.WritePropertyName(member);
        json.WriteRawValue(name.Span, skipInputValidation: true);
    }
}
