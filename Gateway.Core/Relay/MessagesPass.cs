using System.Text.Json;

namespace Gateway.Core.Relay;

/// <summary>The part of the envelope's pass that walks through <c>messages</c>.</summary>
internal readonly ref struct MessagesPass(RequestEnvelope envelope)
{
    /// <summary>The reader stands on the value of <c>messages</c> and is left on its last token.</summary>
    public GatewayError? Run(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return Invalid("'messages' must be an array of message objects.", "messages");
        }
        long start = reader.TokenStartIndex;
        int count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return Invalid($"'messages[{count}]' must be an object.", $"messages[{count}]");
            }
            if (ReadMessage(ref reader, count) is { } error)
            {
                return error;
            }
            count++;
        }
        // A thread that is to go on from where it paused has none; what else has none is found once all fields are read.
        if (count == 0 && envelope.Operation != Catalog.Operation.Messages)
        {
            return Empty;
        }
        envelope.Messages = count;
        envelope.Input = Slice.Between(start, reader.BytesConsumed);
        return null;
    }

    private GatewayError? ReadMessage(ref Utf8JsonReader reader, int index)
    {
        var names = new NameSet();
        bool system = false;
        Slice content = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!names.Add(ref reader))
            {
                return new GatewayError(GatewayErrorKind.InvalidJson, $"A name stands twice in 'messages[{index}]'.", $"messages[{index}]");
            }
            bool isContent = reader.ValueTextEquals("content"u8);
            bool isRole = !isContent && reader.ValueTextEquals("role"u8);
            reader.Read();
            if (isRole)
            {
                if (reader.TokenType != JsonTokenType.String)
                {
                    return Invalid($"'messages[{index}].role' must be a string.", $"messages[{index}].role");
                }
                system = reader.ValueTextEquals("system"u8) || reader.ValueTextEquals("developer"u8);
                continue;
            }
            long start = reader.TokenStartIndex;
            Measure(ref reader);
            if (isContent)
            {
                content = Slice.Between(start, reader.BytesConsumed);
            }
        }
        if (!names.Contains("role"u8))
        {
            return Invalid($"'messages[{index}].role' is missing.", $"messages[{index}].role");
        }
        if (system && index == 0)
        {
            envelope.SystemContent = content;
        }
        return null;
    }

    /// <summary>Adds up the text below the current value; what a part carries by reference or as base64 counts as one image.</summary>
    private void Measure(ref Utf8JsonReader reader)
    {
        int depth = reader.CurrentDepth;
        bool media = false;
        do
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    media = reader.ValueTextEquals("url"u8) || reader.ValueTextEquals("data"u8) || reader.ValueTextEquals("file_data"u8);
                    break;
                case JsonTokenType.String when media:
                    envelope.MediaParts++;
                    media = false;
                    break;
                case JsonTokenType.String:
                    envelope.TextBytes += reader.ValueSpan.Length;
                    break;
            }
        }
        while ((reader.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray) || reader.CurrentDepth > depth)
            && (reader.CurrentDepth > depth || reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            && reader.Read());
    }

    public static GatewayError Empty => Invalid("'messages' must not be empty.", "messages");

    private static GatewayError Invalid(string message, string param) => new(GatewayErrorKind.InvalidRequest, message, param);
}
