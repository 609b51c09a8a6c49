using System.Text.Json;

namespace Gateway.Core.Relay;

/// <summary>
/// Anthropic Messages: the whole answer is a message; a stream spreads it over events (<c>message_start</c> with the message so
/// far, content blocks and their deltas, <c>message_delta</c> with the stop reason and the counts, <c>message_stop</c>).
/// The reader stands on the object's start and is left on its end.
/// </summary>
internal static class MessagesAnswer
{
    public static void Read(ref Utf8JsonReader reader, ref AnswerFacts facts)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                bool text = reader.TokenType == JsonTokenType.String;
                facts.IsEnd |= text && reader.ValueTextEquals("message_stop"u8);
                facts.IsErrorItself |= text && reader.ValueTextEquals("error"u8);
            }
            else if (reader.ValueTextEquals("message"u8) || reader.ValueTextEquals("delta"u8))
            {
                reader.Read();
                ReadInner(ref reader, ref facts);
            }
            else if (reader.ValueTextEquals("content_block"u8))
            {
                reader.Read();
                ReadBlock(ref reader, ref facts);
            }
            else
            {
                ReadMessageProperty(ref reader, ref facts);
            }
        }
    }

    // message_start's message, and the delta of a block or of the message: their fields do not clash.
    private static void ReadInner(ref Utf8JsonReader reader, ref AnswerFacts facts)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("text"u8) || reader.ValueTextEquals("partial_json"u8) || reader.ValueTextEquals("thinking"u8))
            {
                reader.Read();
                facts.HasContent |= AnswerReader.IsContent(ref reader);
                Measure(ref reader, ref facts);
            }
            else
            {
                ReadMessageProperty(ref reader, ref facts);
            }
        }
    }

    private static void ReadMessageProperty(ref Utf8JsonReader reader, ref AnswerFacts facts)
    {
        if (reader.ValueTextEquals("model"u8))
        {
            reader.Read();
            if (reader.TokenType == JsonTokenType.String)
            {
                facts.Model = Slice.Between(reader.TokenStartIndex, reader.BytesConsumed);
            }
        }
        else if (reader.ValueTextEquals("stop_reason"u8))
        {
            reader.Read();
            facts.FinishReason = reader.TokenType != JsonTokenType.String ? facts.FinishReason
                : reader.ValueTextEquals("end_turn"u8) || reader.ValueTextEquals("stop_sequence"u8) ? "stop"
                : reader.ValueTextEquals("max_tokens"u8) ? "length"
                : reader.ValueTextEquals("tool_use"u8) ? "tool_calls"
                : reader.ValueSpan.Length <= 64 ? reader.GetString() : "other";
        }
        else if (reader.ValueTextEquals("usage"u8))
        {
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                facts.HasUsage |= MessagesUsage.TryRead(ref reader, ref facts.Usage);
                return;
            }
        }
        else if (reader.ValueTextEquals("error"u8))
        {
            facts.Error = Slice.OfError(ref reader) is { Exists: true } error ? error : facts.Error;
            return;
        }
        else if (reader.ValueTextEquals("content"u8))
        {
            reader.Read();
            ReadContent(ref reader, ref facts);
            return;
        }
        else
        {
            reader.Read();
        }
        reader.Skip();
    }

    private static void ReadContent(ref Utf8JsonReader reader, ref AnswerFacts facts)
    {
        facts.HasResult = true;
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            facts.Items++;
            ReadBlock(ref reader, ref facts);
        }
    }

    private static void ReadBlock(ref Utf8JsonReader reader, ref AnswerFacts facts)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // A block that begins empty is not content yet; a tool's call and a result are.
            bool text = reader.ValueTextEquals("text"u8) || reader.ValueTextEquals("thinking"u8);
            bool name = reader.ValueTextEquals("name"u8);
            bool other = reader.ValueTextEquals("input"u8) || reader.ValueTextEquals("content"u8) || reader.ValueTextEquals("data"u8);
            reader.Read();
            facts.HasContent |= name || ((text || other) && AnswerReader.IsContent(ref reader));
            if (name && facts.Measuring)
            {
                facts.Text.AddToolCall();
            }
            if (text || name || other)
            {
                Measure(ref reader, ref facts);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static void Measure(ref Utf8JsonReader reader, ref AnswerFacts facts)
    {
        if (facts.Measuring)
        {
            AnswerReader.MeasureText(ref reader, ref facts);
        }
        else
        {
            reader.Skip();
        }
    }
}
