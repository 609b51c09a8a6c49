using System.Text.Json;
using Gateway.Core.Accounting;

namespace Gateway.Core.Relay;

/// <summary>
/// Gemini <c>generateContent</c>: an answer and a chunk of a stream have the same shape; a stream has no sign of its end but a
/// <c>finishReason</c>. The reader stands on the object's start and is left on its end.
/// </summary>
internal static class GeminiAnswer
{
    public static void Read(ref Utf8JsonReader reader, ref AnswerFacts facts)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("modelVersion"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                {
                    facts.Model = Slice.Between(reader.TokenStartIndex, reader.BytesConsumed);
                    continue;
                }
            }
            else if (reader.ValueTextEquals("candidates"u8))
            {
                reader.Read();
                ReadCandidates(ref reader, ref facts);
                continue;
            }
            else if (reader.ValueTextEquals("usageMetadata"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    facts.HasUsage |= ReadUsage(ref reader, ref facts.Usage);
                    continue;
                }
            }
            else if (reader.ValueTextEquals("promptFeedback"u8))
            {
                // The prompt was refused: an answer without candidates.
                reader.Read();
                ReadFeedback(ref reader, ref facts);
                continue;
            }
            else if (reader.ValueTextEquals("error"u8))
            {
                facts.Error = Slice.OfError(ref reader) is { Exists: true } error ? error : facts.Error;
                continue;
            }
            else
            {
                reader.Read();
            }
            reader.Skip();
        }
        // Some answers hold nothing but counts.
        facts.HasResult |= facts.HasUsage;
    }

    private static void ReadFeedback(ref Utf8JsonReader reader, ref AnswerFacts facts)
    {
        facts.HasResult = true;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool blocked = reader.ValueTextEquals("blockReason"u8);
            reader.Read();
            if (blocked && reader.TokenType == JsonTokenType.String)
            {
                facts.FinishReason = "content_filter";
            }
            reader.Skip();
        }
    }

    private static void ReadCandidates(ref Utf8JsonReader reader, ref AnswerFacts facts)
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
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                ReadCandidate(ref reader, ref facts);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static void ReadCandidate(ref Utf8JsonReader reader, ref AnswerFacts facts)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool reason = reader.ValueTextEquals("finishReason"u8);
            bool content = reader.ValueTextEquals("content"u8);
            reader.Read();
            if (reason && reader.TokenType == JsonTokenType.String)
            {
                facts.FinishReason = reader.ValueTextEquals("STOP"u8) ? (facts.SawCall ? "tool_calls" : "stop")
                    : reader.ValueTextEquals("MAX_TOKENS"u8) ? "length"
                    : reader.ValueTextEquals("SAFETY"u8) || reader.ValueTextEquals("PROHIBITED_CONTENT"u8) || reader.ValueTextEquals("BLOCKLIST"u8) ? "content_filter"
                    : reader.ValueSpan.Length <= 64 ? reader.GetString()!.ToLowerInvariant() : "other";
            }
            else if (content && reader.TokenType == JsonTokenType.StartObject)
            {
                ReadContent(ref reader, ref facts);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static void ReadContent(ref Utf8JsonReader reader, ref AnswerFacts facts)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool parts = reader.ValueTextEquals("parts"u8);
            reader.Read();
            if (!parts || reader.TokenType != JsonTokenType.StartArray)
            {
                reader.Skip();
                continue;
            }
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                ReadPart(ref reader, ref facts);
            }
        }
    }

    private static void ReadPart(ref Utf8JsonReader reader, ref AnswerFacts facts)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool call = reader.ValueTextEquals("functionCall"u8);
            bool content = call || !(reader.ValueTextEquals("thought"u8) || reader.ValueTextEquals("thoughtSignature"u8));
            reader.Read();
            facts.SawCall |= call;
            facts.HasContent |= content && AnswerReader.IsContent(ref reader);
            if (content && facts.Measuring)
            {
                AnswerReader.MeasureText(ref reader, ref facts);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    // Thoughts are left out of candidatesTokenCount, and a tool's prompt out of promptTokenCount.
    private static bool ReadUsage(ref Utf8JsonReader reader, ref Usage usage)
    {
        long prompt = -1;
        long candidates = 0;
        long thoughts = 0;
        long cached = 0;
        long tools = 0;
        bool any = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("promptTokenCount"u8))
            {
                any |= UsageReader.TryNumber(ref reader, ref prompt);
            }
            else if (reader.ValueTextEquals("candidatesTokenCount"u8))
            {
                any |= UsageReader.TryNumber(ref reader, ref candidates);
            }
            else if (reader.ValueTextEquals("thoughtsTokenCount"u8))
            {
                any |= UsageReader.TryNumber(ref reader, ref thoughts);
            }
            else if (reader.ValueTextEquals("cachedContentTokenCount"u8))
            {
                UsageReader.TryNumber(ref reader, ref cached);
            }
            else if (reader.ValueTextEquals("toolUsePromptTokenCount"u8))
            {
                UsageReader.TryNumber(ref reader, ref tools);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
        if (any)
        {
            long input = (prompt < 0 ? usage.InputTokens : prompt) + tools;
            usage = new Usage(UsageSource.Reported, input, Math.Min(cached, input), 0, candidates + thoughts, thoughts);
        }
        return any;
    }
}
