using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Catalog.Quirks;

namespace Gateway.Core.Relay;

/// <summary>
/// Adds a model's default parameters, and its limit of output tokens, to a body that lacks them. They are declared in Chat's
/// names, and said in the wire's.
/// </summary>
internal static class ModelDefaults
{
    private static readonly byte[] Colon = ":"u8.ToArray();
    private static readonly byte[] Comma = ","u8.ToArray();
    private static readonly byte[] OpenConfig = "\"generationConfig\":{"u8.ToArray();
    private static readonly byte[] CloseConfig = "},"u8.ToArray();
    private static readonly byte[] OpenObject = "{"u8.ToArray();
    private static readonly byte[] CloseObject = "}"u8.ToArray();

    /// <summary>Of <see cref="Add"/>: four for each member, and three around them.</summary>
    public static int MostEdits(Model model) =>
        model.DefaultParams.Length == 0 && model.MaxOutputTokens is null ? 0 : 3 + (4 * (model.DefaultParams.Length + (model.MaxOutputTokens is null ? 0 : 1)));

    /// <param name="start">Just after the body's opening brace.</param>
    /// <param name="rules">What the upstream takes under another name, or not at all; null for none.</param>
    public static void Add(
        RequestEnvelope envelope, Backend backend, Model model, IReadOnlyList<FieldRule>? rules, Slice start, Edit[] edits, ref int count)
    {
        DefaultParam? limit = OutputLimit.Missing(envelope, backend, model);
        if (model.DefaultParams.Length == 0 && limit is null)
        {
            return;
        }
        bool gemini = envelope.Operation == Operation.GenerateContent;
        ReadOnlySpan<byte> config = envelope.GenerationConfig.Of(envelope.Body.Span);
        bool hasConfig = gemini && config is [(byte)'{', ..];
        // A config that is null gives way: no name may stand twice.
        bool nullConfig = gemini && !hasConfig && envelope.GenerationConfig.Exists;
        Slice at = hasConfig ? new Slice(envelope.GenerationConfig.Start + 1, 0) : nullConfig ? new Slice(envelope.GenerationConfig.Start, 0) : start;
        ReadOnlySpan<byte> holder = hasConfig ? config : gemini ? default : envelope.Body.Span;
        int before = count;
        if (gemini && !hasConfig)
        {
            edits[count++] = new Edit(at, nullConfig ? OpenObject : OpenConfig);
        }
        bool any = false;
        foreach (DefaultParam parameter in model.DefaultParams)
        {
            byte[]? name = NameOn(envelope.Operation, parameter.Name);
            if (name is null || OutputLimit.Governs(envelope.Operation, model, parameter) || (!holder.IsEmpty && HasMember(holder, name)))
            {
                continue;
            }
            byte[]? taken = rules is null ? name : FieldEdits.NameOf(name, rules);
            if (taken is not null && (ReferenceEquals(taken, name) || !HasMember(holder, taken)))
            {
                AddMember(new DefaultParam(taken, parameter.ValueJson), at, ref any, edits, ref count);
            }
        }
        if (limit is { } most)
        {
            AddMember(most, at, ref any, edits, ref count);
        }
        if (!any)
        {
            count = before;
        }
        else if (nullConfig)
        {
            // After what is put in before it, since edits at one place keep their order.
            edits[count++] = new Edit(envelope.GenerationConfig, CloseObject);
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

    private static void AddMember(DefaultParam member, Slice at, ref bool any, Edit[] edits, ref int count)
    {
        if (any)
        {
            edits[count++] = new Edit(at, Comma);
        }
        edits[count++] = new Edit(at, member.Name);
        edits[count++] = new Edit(at, Colon);
        edits[count++] = new Edit(at, member.ValueJson);
        any = true;
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
