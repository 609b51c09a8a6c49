using System.Text.Json;

namespace Gateway.Core.Relay;

/// <summary>
/// OpenAI Responses: the whole answer is a response object; an event has a <c>type</c>, and those about the whole carry the
/// response object in <c>response</c>. The reader stands on the object's start and is left on its end.
/// </summary>
internal static class ResponsesAnswer
{
    public static void Read(ref Utf8JsonReader reader, ref AnswerFacts facts)
    {
        EventType type = EventType.None;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                type = reader.TokenType == JsonTokenType.String ? TypeOf(ref reader) : EventType.None;
                facts.IsErrorItself |= type == EventType.Error;
                facts.IsEnd |= type == EventType.End;
            }
            else if (reader.ValueTextEquals("response"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    ReadResponse(ref reader, ref facts);
                }
                else
                {
                    reader.Skip();
                }
            }
            else if (reader.ValueTextEquals("delta"u8))
            {
                reader.Read();
                facts.HasContent |= AnswerReader.IsContent(ref reader);
                Measure(ref reader, ref facts);
            }
            else if (reader.ValueTextEquals("item"u8))
            {
                reader.Read();
                ReadItem(ref reader, ref facts, type == EventType.ItemDone);
            }
            else if (reader.ValueTextEquals("sequence_number"u8))
            {
                reader.Read();
                facts.Number = reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int number) ? number : null;
                reader.Skip();
            }
            else if (reader.ValueTextEquals("partial_image_b64"u8))
            {
                reader.Read();
                facts.HasContent = true;
            }
            else
            {
                ReadResponseProperty(ref reader, ref facts);
            }
        }
    }

    private static void ReadResponse(ref Utf8JsonReader reader, ref AnswerFacts facts)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadResponseProperty(ref reader, ref facts);
        }
    }

    private static void ReadResponseProperty(ref Utf8JsonReader reader, ref AnswerFacts facts)
    {
        if (reader.ValueTextEquals("model"u8))
        {
            reader.Read();
            if (reader.TokenType == JsonTokenType.String)
            {
                facts.Model = Slice.Between(reader.TokenStartIndex, reader.BytesConsumed);
            }
        }
        else if (reader.ValueTextEquals("id"u8))
        {
            reader.Read();
            if (reader.TokenType == JsonTokenType.String)
            {
                facts.Id = Slice.Between(reader.TokenStartIndex, reader.BytesConsumed);
            }
        }
        else if (reader.ValueTextEquals("usage"u8))
        {
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                facts.HasUsage |= UsageReader.TryRead(ref reader, ref facts.Usage);
                return;
            }
        }
        else if (reader.ValueTextEquals("error"u8))
        {
            facts.Error = Slice.OfError(ref reader) is { Exists: true } error ? error : facts.Error;
            return;
        }
        else if (reader.ValueTextEquals("status"u8))
        {
            reader.Read();
            facts.IsPending = reader.TokenType == JsonTokenType.String && (reader.ValueTextEquals("queued"u8) || reader.ValueTextEquals("in_progress"u8));
            facts.FinishReason = reader.TokenType != JsonTokenType.String ? facts.FinishReason
                : reader.ValueTextEquals("completed"u8) ? (facts.SawCall ? "tool_calls" : "stop")
                : reader.ValueTextEquals("incomplete"u8) ? "length"
                : facts.FinishReason;
        }
        else if (reader.ValueTextEquals("background"u8))
        {
            reader.Read();
            facts.IsBackground = reader.TokenType == JsonTokenType.True;
        }
        else if (reader.ValueTextEquals("output"u8))
        {
            reader.Read();
            ReadOutput(ref reader, ref facts);
            return;
        }
        else
        {
            reader.Read();
        }
        reader.Skip();
    }

    private static void ReadOutput(ref Utf8JsonReader reader, ref AnswerFacts facts)
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
            ReadItem(ref reader, ref facts, done: false);
        }
        if (facts.SawCall && facts.FinishReason == "stop")
        {
            facts.FinishReason = "tool_calls";
        }
    }

    /// <param name="done">A whole item of a stream: content, even if no delta came before it.</param>
    private static void ReadItem(ref Utf8JsonReader reader, ref AnswerFacts facts, bool done)
    {
        facts.HasContent |= done;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool type = reader.ValueTextEquals("type"u8);
            bool text = reader.ValueTextEquals("content"u8) || reader.ValueTextEquals("arguments"u8) || reader.ValueTextEquals("name"u8) || reader.ValueTextEquals("summary"u8);
            reader.Read();
            if (type && reader.TokenType == JsonTokenType.String)
            {
                facts.SawCall |= reader.ValueTextEquals("function_call"u8) || reader.ValueTextEquals("custom_tool_call"u8);
            }
            else if (text && !done)
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

    private static EventType TypeOf(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("response.completed"u8) || reader.ValueTextEquals("response.incomplete"u8) || reader.ValueTextEquals("response.cancelled"u8) ? EventType.End
        : reader.ValueTextEquals("response.output_item.done"u8) ? EventType.ItemDone
        : reader.ValueTextEquals("error"u8) ? EventType.Error
        : EventType.None;

    private enum EventType
    {
        None,
        ItemDone,
        End,
        Error,
    }
}
