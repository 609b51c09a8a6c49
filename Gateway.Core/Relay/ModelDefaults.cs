using System.Text.Json;
using Gateway.Core.Catalog;

namespace Gateway.Core.Relay;

/// <summary>Adds a model's default parameters to a body that lacks them. They are declared in Chat's names, and said in the wire's.</summary>
internal static class ModelDefaults
{
    private static readonly byte[] Colon = ":"u8.ToArray();
    private static readonly byte[] Comma = ","u8.ToArray();
    private static readonly byte[] OpenConfig = "\"generationConfig\":{"u8.ToArray();
    private static readonly byte[] CloseConfig = "},"u8.ToArray();

    /// <param name="start">Just after the body's opening brace.</param>
    public static void Add(RequestEnvelope envelope, Model model, Slice start, Edit[] edits, ref int count)
    {
        if (model.DefaultParams.Length == 0)
        {
            return;
        }
        bool gemini = envelope.Operation == Operation.GenerateContent;
        ReadOnlySpan<byte> config = envelope.GenerationConfig.Of(envelope.Body.Span);
        bool hasConfig = gemini && config is [(byte)'{', ..];
        Slice at = hasConfig ? new Slice(envelope.GenerationConfig.Start + 1, 0) : start;
        ReadOnlySpan<byte> holder = hasConfig ? config : gemini ? default : envelope.Body.Span;
        int before = count;
        if (gemini && !hasConfig)
        {
            edits[count++] = new Edit(at, OpenConfig);
        }
        bool any = false;
        foreach (DefaultParam parameter in model.DefaultParams)
        {
            byte[]? name = NameOn(envelope.Operation, parameter.Name);
            if (name is null || (!holder.IsEmpty && HasMember(holder, name)))
            {
                continue;
            }
            if (any)
            {
                edits[count++] = new Edit(at, Comma);
            }
            edits[count++] = new Edit(at, name);
            edits[count++] = new Edit(at, Colon);
            edits[count++] = new Edit(at, parameter.ValueJson);
            any = true;
        }
        if (!any)
        {
            count = before;
        }
        else if (gemini && !hasConfig)
        {
            edits[count++] = new Edit(at, CloseConfig);
        }
        else if (!hasConfig || config[1..^1].IndexOfAnyExcept(" \t\r\n"u8) >= 0)
        {
            edits[count++] = new Edit(at, Comma);
        }
    }

    /// <summary>Null when the wire has no such parameter.</summary>
    private static byte[]? NameOn(Operation operation, byte[] nameJson)
    {
        ReadOnlySpan<byte> name = nameJson.AsSpan(1, nameJson.Length - 2);
        bool most = name.SequenceEqual("max_tokens"u8) || name.SequenceEqual("max_completion_tokens"u8);
        return operation switch
        {
            Operation.Responses when most => "\"max_output_tokens\""u8.ToArray(),
            Operation.Messages when most => "\"max_tokens\""u8.ToArray(),
            Operation.GenerateContent when most => "\"maxOutputTokens\""u8.ToArray(),
            Operation.GenerateContent => name.SequenceEqual("temperature"u8) ? nameJson
                : name.SequenceEqual("top_p"u8) ? "\"topP\""u8.ToArray()
                : name.SequenceEqual("top_k"u8) ? "\"topK\""u8.ToArray()
                : name.SequenceEqual("seed"u8) ? nameJson
                : null,
            _ => nameJson,
        };
    }

    // Only models with defaults pay for this second look.
    private static bool HasMember(ReadOnlySpan<byte> body, ReadOnlySpan<byte> nameJson)
    {
        ReadOnlySpan<byte> name = nameJson[1..^1];
        var reader = new Utf8JsonReader(body);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // A client that limits its output by one name is not given a default under the other.
            if (reader.ValueTextEquals(name)
                || (name.SequenceEqual("max_tokens"u8) && reader.ValueTextEquals("max_completion_tokens"u8))
                || (name.SequenceEqual("max_completion_tokens"u8) && reader.ValueTextEquals("max_tokens"u8)))
            {
                return true;
            }
            reader.Read();
            reader.Skip();
        }
        return false;
    }
}
