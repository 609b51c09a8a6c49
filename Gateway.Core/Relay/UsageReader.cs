using System.Text.Json;
using Gateway.Core.Accounting;

namespace Gateway.Core.Relay;

/// <summary>Reads OpenAI's <c>usage</c> object, with the variants of compatible servers.</summary>
internal static class UsageReader
{
    /// <summary>The reader stands on the object's start and is left on its end. False when there were no counts in it.</summary>
    public static bool TryRead(ref Utf8JsonReader reader, ref Usage usage)
    {
        long input = -1;
        long output = -1;
        long total = -1;
        long cached = 0;
        long written = 0;
        long reasoning = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("prompt_tokens"u8) || reader.ValueTextEquals("input_tokens"u8))
            {
                input = Number(ref reader, input);
            }
            else if (reader.ValueTextEquals("completion_tokens"u8) || reader.ValueTextEquals("output_tokens"u8))
            {
                output = Number(ref reader, output);
            }
            else if (reader.ValueTextEquals("total_tokens"u8))
            {
                total = Number(ref reader, total);
            }
            else if (reader.ValueTextEquals("prompt_cache_hit_tokens"u8) || reader.ValueTextEquals("cached_tokens"u8))
            {
                // DeepSeek's name for cached input; others leave out the details around the usual one.
                cached = Math.Max(cached, Number(ref reader, 0));
            }
            else if (reader.ValueTextEquals("reasoning_tokens"u8))
            {
                reasoning = Number(ref reader, reasoning);
            }
            else if (reader.ValueTextEquals("prompt_tokens_details"u8) || reader.ValueTextEquals("input_tokens_details"u8)
                || reader.ValueTextEquals("input_token_details"u8))
            {
                ReadDetails(ref reader, ref cached, ref written, ref reasoning);
            }
            else if (reader.ValueTextEquals("completion_tokens_details"u8) || reader.ValueTextEquals("output_tokens_details"u8))
            {
                ReadDetails(ref reader, ref cached, ref written, ref reasoning);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
        if (input < 0 && output < 0 && total < 0)
        {
            return false;
        }
        input = input >= 0 ? input : Math.Max(0, total - Math.Max(0, output));
        output = output >= 0 ? output : Math.Max(0, total - input);
        output = Usage.AllOutput(input, output, reasoning, total);
        usage = new Usage(UsageSource.Reported, input, Math.Min(cached, input), Math.Min(written, input), output, Math.Min(reasoning, output));
        return true;
    }

    private static void ReadDetails(ref Utf8JsonReader reader, ref long cached, ref long written, ref long reasoning)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("cached_tokens"u8))
            {
                cached = Math.Max(cached, Number(ref reader, 0));
            }
            else if (reader.ValueTextEquals("cache_write_tokens"u8) || reader.ValueTextEquals("cache_creation_tokens"u8))
            {
                written = Math.Max(written, Number(ref reader, 0));
            }
            else if (reader.ValueTextEquals("reasoning_tokens"u8))
            {
                reasoning = Number(ref reader, reasoning);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
    }

    private static long Number(ref Utf8JsonReader reader, long otherwise)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number && (reader.TryGetInt64(out long value) || TryWhole(ref reader, out value)) && value >= 0)
        {
            return Math.Min(value, int.MaxValue);
        }
        reader.Skip();
        return otherwise;
    }

    /// <summary>Reads the current property's value; leaves <paramref name="value"/> alone and is false when it is no count.</summary>
    public static bool TryNumber(ref Utf8JsonReader reader, ref long value)
    {
        long read = Number(ref reader, -1);
        value = read < 0 ? value : read;
        return read >= 0;
    }

    // Some servers write 12.0; what is larger than any count stays so.
    private static bool TryWhole(ref Utf8JsonReader reader, out long value)
    {
        bool ok = reader.TryGetDouble(out double number) && number >= 0;
        value = ok ? (long)Math.Min(number, int.MaxValue) : 0;
        return ok;
    }
}
