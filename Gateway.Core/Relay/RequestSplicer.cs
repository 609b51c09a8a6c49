using System.Text;
using System.Text.Json;
using Gateway.Core.Catalog;

namespace Gateway.Core.Relay;

/// <summary>Makes the body for one backend out of the client's: names the model, leaves the extensions out, puts in what policy asks.</summary>
public static class RequestSplicer
{
    private static readonly byte[] UsageOptions = "\"stream_options\":{\"include_usage\":true},"u8.ToArray();
    private static readonly byte[] UsageObject = "{\"include_usage\":true}"u8.ToArray();
    private static readonly byte[] UsageMember = "\"include_usage\":true"u8.ToArray();
    private static readonly byte[] TrueLiteral = "true"u8.ToArray();
    private static readonly byte[] FalseLiteral = "false"u8.ToArray();
    private static readonly byte[] Comma = ","u8.ToArray();

    /// <param name="model">Whose defaults and transforms apply; null for none.</param>
    /// <param name="askForUsage">Ask for the usage chunk where the client did not.</param>
    public static SplicedBody Splice(RequestEnvelope envelope, Backend backend, Model? model, bool askForUsage)
    {
        var edits = new Edit[8 + envelope.Removals.Count + ((model?.DefaultParams.Length ?? 0) * 4)];
        int count = 0;
        var start = new Slice(envelope.ObjectStart, 0);
        if (model is not null)
        {
            AddDefaults(envelope, model, start, edits, ref count);
        }
        if (askForUsage && envelope.Stream && !envelope.UsageChunkWanted && envelope.Operation != Operation.Embeddings)
        {
            edits[count++] = SetMember(envelope, start, envelope.StreamOptions, envelope.IncludeUsage, UsageOptions, UsageObject, UsageMember, TrueLiteral);
        }
        if (model?.ReasoningEnabled is { } thinking)
        {
            byte[] literal = thinking ? TrueLiteral : FalseLiteral;
            byte[] member = [.. "\"enable_thinking\":"u8, .. literal];
            byte[] whole = [.. "{"u8, .. member, .. "}"u8];
            edits[count++] = SetMember(envelope, start, envelope.TemplateOptions, envelope.EnableThinking, [.. "\"chat_template_kwargs\":"u8, .. whole, .. Comma], whole, member, literal);
        }
        if (model?.SystemPromptPrefix is { } prefix && envelope.Operation == Operation.ChatCompletions)
        {
            edits[count++] = PrefixSystem(envelope, prefix);
        }
        edits[count++] = new Edit(envelope.ModelValue, backend.UpstreamModelJson);
        foreach (Slice removal in envelope.Removals)
        {
            edits[count++] = new Edit(removal, default);
        }
        SortByPosition(edits.AsSpan(0, count));
        return new SplicedBody(envelope.Body, edits, count);
    }

    private static void AddDefaults(RequestEnvelope envelope, Model model, Slice start, Edit[] edits, ref int count)
    {
        foreach (DefaultParam parameter in model.DefaultParams)
        {
            if (!HasMember(envelope.Body.Span, parameter.Name))
            {
                edits[count++] = new Edit(start, parameter.Name);
                edits[count++] = new Edit(start, ":"u8.ToArray());
                edits[count++] = new Edit(start, parameter.ValueJson);
                edits[count++] = new Edit(start, Comma);
            }
        }
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

    private static Edit SetMember(
        RequestEnvelope envelope, Slice start, Slice whole, Slice member, byte[] asProperty, byte[] asObject, byte[] asMember, byte[] literal)
    {
        if (!whole.Exists)
        {
            return new Edit(start, asProperty);
        }
        if (member.Exists)
        {
            return new Edit(member, literal);
        }
        ReadOnlySpan<byte> text = whole.Of(envelope.Body.Span);
        bool isNull = text[0] != (byte)'{';
        bool isEmpty = !isNull && text[1..^1].IndexOfAnyExcept(" \t\r\n"u8) < 0;
        return isNull || isEmpty
            ? new Edit(whole, asObject)
            : new Edit(new Slice(whole.Start + 1, 0), (byte[])[.. asMember, .. Comma]);
    }

    private static Edit PrefixSystem(RequestEnvelope envelope, string prefix)
    {
        Slice content = envelope.SystemContent;
        byte first = content.Exists ? envelope.Body.Span[content.Start] : (byte)0;
        byte[] text = JsonText.Encode(prefix + (first == (byte)'"' ? "\n\n" : ""));
        return first switch
        {
            (byte)'"' => new Edit(new Slice(content.Start + 1, 0), text.AsMemory(1, text.Length - 2)),
            (byte)'[' => new Edit(
                new Slice(content.Start + 1, 0),
                Encoding.UTF8.GetBytes($"{{\"type\":\"text\",\"text\":{Encoding.UTF8.GetString(text)}}}{(IsEmptyArray(content.Of(envelope.Body.Span)) ? "" : ",")}")),
            _ => new Edit(
                new Slice(envelope.Input.Start + 1, 0),
                Encoding.UTF8.GetBytes($"{{\"role\":\"system\",\"content\":{Encoding.UTF8.GetString(text)}}},")),
        };
    }

    private static bool IsEmptyArray(ReadOnlySpan<byte> array) => array[1..^1].IndexOfAnyExcept(" \t\r\n"u8) < 0;

    // Insertion sort: a handful of edits, nearly in order, and those at one position must keep theirs.
    private static void SortByPosition(Span<Edit> edits)
    {
        for (int i = 1; i < edits.Length; i++)
        {
            Edit edit = edits[i];
            int j = i - 1;
            for (; j >= 0 && edits[j].At.Start > edit.At.Start; j--)
            {
                edits[j + 1] = edits[j];
            }
            edits[j + 1] = edit;
        }
    }
}
