using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;

namespace Gateway.Core.Relay;

/// <summary>Reads an answer, or one event of a stream, in one pass, skipping what it does not need.</summary>
public static class AnswerReader
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 128 };

    /// <summary>As the other overload, for any operation's wire.</summary>
    /// <param name="reported">What earlier events of the same answer reported: some wires tell input and output apart.</param>
    public static bool TryRead(
        Operation operation, ReadOnlySpan<byte> json, bool measure, out AnswerFacts facts, OutputMeasure begun = default, Usage reported = default)
    {
        if (operation is not (Operation.Responses or Operation.Messages or Operation.GenerateContent))
        {
            return TryRead(json, measure, out facts, begun);
        }
        facts = new AnswerFacts { Measuring = measure, Text = begun, Usage = reported };
        try
        {
            var reader = new Utf8JsonReader(json, Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }
            switch (operation)
            {
                case Operation.Responses:
                    ResponsesAnswer.Read(ref reader, ref facts);
                    break;
                case Operation.Messages:
                    MessagesAnswer.Read(ref reader, ref facts);
                    break;
                default:
                    GeminiAnswer.Read(ref reader, ref facts);
                    break;
            }
            if (facts.IsErrorItself && !facts.Error.Exists)
            {
                facts.Error = Slice.Between(0, json.Length);
            }
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Reads an OpenAI-shaped answer. False when it is not one JSON object; what it read until then is of no use.</summary>
    /// <param name="measure">Measure the text too: for streams, whose usage may never come, and for answers without any.</param>
    /// <param name="begun">What earlier chunks of the same answer came to: a word may go on in this one.</param>
    public static bool TryRead(ReadOnlySpan<byte> json, bool measure, out AnswerFacts facts, OutputMeasure begun = default)
    {
        facts = new AnswerFacts { Measuring = measure, Text = begun };
        try
        {
            var reader = new Utf8JsonReader(json, Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }
            long previousEnd = reader.BytesConsumed;
            bool first = true;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                ReadProperty(ref reader, ref facts, previousEnd, first);
                previousEnd = reader.BytesConsumed;
                first = false;
            }
            if (facts.IsErrorItself && !facts.Error.Exists)
            {
                facts.Error = Slice.Between(0, json.Length);
            }
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static void ReadProperty(ref Utf8JsonReader reader, ref AnswerFacts facts, long previousEnd, bool first)
    {
        if (reader.ValueTextEquals("model"u8))
        {
            reader.Read();
            if (reader.TokenType == JsonTokenType.String)
            {
                facts.Model = Slice.Between(reader.TokenStartIndex, reader.BytesConsumed);
                return;
            }
        }
        else if (reader.ValueTextEquals("choices"u8) || reader.ValueTextEquals("data"u8))
        {
            reader.Read();
            ReadItems(ref reader, ref facts);
            return;
        }
        else if (reader.ValueTextEquals("usage"u8))
        {
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                facts.HasUsage |= UsageReader.TryRead(ref reader, ref facts.Usage);
                facts.CountedUsage = first ? default : Slice.Between(previousEnd, reader.BytesConsumed);
                return;
            }
            if (reader.TokenType == JsonTokenType.Null && !first)
            {
                facts.NullUsage = Slice.Between(previousEnd, reader.BytesConsumed);
            }
        }
        else if (reader.ValueTextEquals("error"u8))
        {
            facts.Error = Slice.OfError(ref reader);
            return;
        }
        else if (reader.ValueTextEquals("object"u8))
        {
            reader.Read();
            facts.IsErrorItself |= reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("error"u8);
        }
        else if (reader.ValueTextEquals("x_groq"u8))
        {
            reader.Read();
            ReadGroq(ref reader, ref facts);
            return;
        }
        else
        {
            reader.Read();
        }
        reader.Skip();
    }

    private static void ReadGroq(ref Utf8JsonReader reader, ref AnswerFacts facts)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool usage = reader.ValueTextEquals("usage"u8);
            reader.Read();
            if (usage && reader.TokenType == JsonTokenType.StartObject && !facts.HasUsage)
            {
                facts.HasUsage = UsageReader.TryRead(ref reader, ref facts.Usage);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static void ReadItems(ref Utf8JsonReader reader, ref AnswerFacts facts)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            // Null stands for an empty list with some servers.
            facts.HasResult = reader.TokenType == JsonTokenType.Null || facts.HasResult;
            reader.Skip();
            return;
        }
        facts.HasResult = true;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            facts.Items++;
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                ReadChoice(ref reader, ref facts);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static void ReadChoice(ref Utf8JsonReader reader, ref AnswerFacts facts)
    {
        int index = 0;
        bool finished = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool reason = reader.ValueTextEquals("finish_reason"u8);
            bool number = !reason && reader.ValueTextEquals("index"u8);
            bool message = !reason && !number && (reader.ValueTextEquals("delta"u8) || reader.ValueTextEquals("message"u8));
            bool text = !reason && !number && !message && (reader.ValueTextEquals("text"u8) || reader.ValueTextEquals("embedding"u8));
            reader.Read();
            if (reason && reader.TokenType == JsonTokenType.String)
            {
                facts.FinishReason = FinishReasonOf(ref reader);
                finished = true;
            }
            else if (message && reader.TokenType == JsonTokenType.StartObject)
            {
                ReadMessage(ref reader, ref facts);
            }
            else if (number && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int value))
            {
                index = Math.Clamp(value, 0, 63);
            }
            else
            {
                facts.HasContent |= text && IsContent(ref reader);
                if (text && facts.Measuring && reader.TokenType == JsonTokenType.String)
                {
                    facts.Text.Add(reader.ValueSpan);
                }
                reader.Skip();
            }
        }
        facts.Choices |= 1UL << index;
        facts.Finished |= finished ? 1UL << index : 0;
    }

    private static void ReadMessage(ref Utf8JsonReader reader, ref AnswerFacts facts)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // Whatever the vendor calls its reasoning, sound or calls: all but who speaks is content.
            bool content = !reader.ValueTextEquals("role"u8);
            reader.Read();
            facts.HasContent |= content && IsContent(ref reader);
            if (content && facts.Measuring)
            {
                MeasureText(ref reader, ref facts);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    /// <summary>Measures every string below the current value but ids, types, and what is sound or a picture; leaves the reader on its end.</summary>
    internal static void MeasureText(ref Utf8JsonReader reader, ref AnswerFacts facts)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            facts.Text.Add(reader.ValueSpan);
            return;
        }
        int depth = reader.CurrentDepth;
        if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
        {
            return;
        }
        bool text = true;
        bool name = false;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                name = reader.ValueTextEquals("name"u8);
                text = !(reader.ValueTextEquals("id"u8) || reader.ValueTextEquals("type"u8) || reader.ValueTextEquals("data"u8)
                    || reader.ValueTextEquals("url"u8) || reader.ValueTextEquals("signature"u8) || reader.ValueTextEquals("format"u8));
            }
            else if (reader.TokenType == JsonTokenType.String && text)
            {
                if (name)
                {
                    facts.Text.AddToolCall();
                }
                facts.Text.Add(reader.ValueSpan);
            }
        }
    }

    internal static bool IsContent(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => !reader.ValueSpan.IsEmpty,
        JsonTokenType.StartObject or JsonTokenType.StartArray => !IsEmptyContainer(reader),
        _ => false,
    };

    // By value: the caller's reader stays where it is.
    private static bool IsEmptyContainer(Utf8JsonReader reader) =>
        reader.Read() && reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray;

    // The usual ones without an allocation.
    private static string FinishReasonOf(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("stop"u8) ? "stop"
        : reader.ValueTextEquals("length"u8) ? "length"
        : reader.ValueTextEquals("tool_calls"u8) ? "tool_calls"
        : reader.ValueTextEquals("content_filter"u8) ? "content_filter"
        : reader.ValueSpan.Length <= 64 ? reader.GetString()! : "other";
}
