using System.Text.Json;

namespace Gateway.Core.Relay;

/// <summary>How the answer is wanted: its length, how many, as a stream or not, and the objects that hold more of that.</summary>
public static partial class EnvelopeReader
{
    private readonly ref partial struct Pass
    {
        private GatewayError? ReadThread(ref Utf8JsonReader reader)
        {
            reader.Read();
            envelope.HasThread = reader.TokenType == JsonTokenType.StartObject;
            reader.Skip();
            return null;
        }

        private GatewayError? ReadGenerationConfig(ref Utf8JsonReader reader)
        {
            if (envelope.GenerationConfig.Exists)
            {
                return Invalid(GatewayErrorKind.InvalidJson, "'generationConfig' stands twice in the request body.", "generationConfig");
            }
            GatewayError? error = ReadObject(
                ref reader, "generationConfig", "maxOutputTokens"u8, out Slice whole, out Slice member, out _, otherName: "max_output_tokens"u8);
            envelope.GenerationConfig = whole;
            envelope.MaxOutputTokensValue = member;
            if (error is null && member.Exists && OutputLimit.Whole(member.Of(envelope.Body.Span)) is { } most)
            {
                envelope.MaxOutputTokens = Math.Max(0, most);
            }
            return error;
        }

        private GatewayError? ReadStream(ref Utf8JsonReader reader)
        {
            reader.Read();
            if (reader.TokenType is not (JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null))
            {
                return Invalid(GatewayErrorKind.InvalidRequest, "'stream' must be true or false.", "stream");
            }
            envelope.Stream = reader.TokenType == JsonTokenType.True;
            return null;
        }

        private GatewayError? ReadStreamOptions(ref Utf8JsonReader reader)
        {
            GatewayError? error = ReadObject(ref reader, "stream_options", "include_usage"u8, out Slice whole, out Slice member, out JsonTokenType type);
            envelope.StreamOptions = whole;
            envelope.IncludeUsage = member;
            envelope.UsageChunkWanted = type == JsonTokenType.True;
            return error;
        }

        private GatewayError? ReadTemplateOptions(ref Utf8JsonReader reader)
        {
            GatewayError? error = ReadObject(ref reader, "chat_template_kwargs", "enable_thinking"u8, out Slice whole, out Slice member, out _);
            envelope.TemplateOptions = whole;
            envelope.EnableThinking = member;
            return error;
        }

        /// <param name="otherName">What the wanted member may be called as well; only one of the two may be there.</param>
        private static GatewayError? ReadObject(
            ref Utf8JsonReader reader, string name, ReadOnlySpan<byte> wanted, out Slice whole, out Slice member, out JsonTokenType type,
            ReadOnlySpan<byte> otherName = default)
        {
            reader.Read();
            long start = reader.TokenStartIndex;
            member = default;
            type = JsonTokenType.None;
            whole = default;
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                var names = new NameSet();
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    if (!names.Add(ref reader))
                    {
                        return Invalid(GatewayErrorKind.InvalidJson, $"A name stands twice in '{name}'.", name);
                    }
                    bool hit = reader.ValueTextEquals(wanted) || (!otherName.IsEmpty && reader.ValueTextEquals(otherName));
                    if (hit && member.Exists)
                    {
                        return Invalid(GatewayErrorKind.InvalidJson, $"A name stands twice in '{name}'.", name);
                    }
                    reader.Read();
                    long valueStart = reader.TokenStartIndex;
                    type = hit ? reader.TokenType : type;
                    reader.Skip();
                    member = hit ? Slice.Between(valueStart, reader.BytesConsumed) : member;
                }
            }
            else if (reader.TokenType != JsonTokenType.Null)
            {
                return Invalid(GatewayErrorKind.InvalidRequest, $"'{name}' must be an object.", name);
            }
            whole = Slice.Between(start, reader.BytesConsumed);
            return null;
        }

        private GatewayError? ReadMaxTokens(ref Utf8JsonReader reader)
        {
            string name = reader.ValueSpan.Length switch { 10 => "max_tokens", 17 => "max_output_tokens", _ => "max_completion_tokens" };
            reader.Read();
            var value = Slice.Between(reader.TokenStartIndex, reader.BytesConsumed);
            _ = name switch
            {
                "max_tokens" => envelope.MaxTokensValue = value,
                "max_output_tokens" => envelope.MaxOutputTokensValue = value,
                _ => envelope.MaxCompletionTokensValue = value,
            };
            if (reader.TokenType == JsonTokenType.Null)
            {
                return null;
            }
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long tokens) || tokens < 0)
            {
                return Invalid(GatewayErrorKind.InvalidRequest, $"'{name}' must be a whole number that is not negative.", name);
            }
            envelope.MaxOutputTokens = Math.Max(tokens, envelope.MaxOutputTokens ?? 0);
            return null;
        }

        private static GatewayError? ReadChoices(ref Utf8JsonReader reader, string name, out int choices)
        {
            reader.Read();
            choices = 1;
            if (reader.TokenType == JsonTokenType.Null)
            {
                return null;
            }
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out choices) || choices is < 1 or > 1024)
            {
                return Invalid(GatewayErrorKind.InvalidRequest, $"'{name}' must be a whole number from 1 to 1024.", name);
            }
            return null;
        }
    }
}
