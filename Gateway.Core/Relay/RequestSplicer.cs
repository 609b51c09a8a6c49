using Gateway.Core.Catalog;
using Gateway.Core.Catalog.Quirks;

namespace Gateway.Core.Relay;

/// <summary>Makes the body for one backend out of the client's: names the model, leaves the extensions out, puts in what policy asks.</summary>
public static class RequestSplicer
{
    private static readonly byte[] UsageOptions = "\"stream_options\":{\"include_usage\":true},"u8.ToArray();
    private static readonly byte[] UsageObject = "{\"include_usage\":true}"u8.ToArray();
    private static readonly byte[] UsageMember = "\"include_usage\":true"u8.ToArray();
    private static readonly byte[] ContinuousMember = "\"include_usage\":true,\"continuous_usage_stats\":true"u8.ToArray();
    private static readonly byte[] ContinuousObject = [.. "{"u8, .. ContinuousMember, .. "}"u8];
    private static readonly byte[] ContinuousOptions = [.. "\"stream_options\":"u8, .. ContinuousObject, .. ","u8];
    private static readonly byte[] TrueLiteral = "true"u8.ToArray();
    private static readonly byte[] FalseLiteral = "false"u8.ToArray();
    private static readonly byte[] Comma = ","u8.ToArray();

    /// <param name="model">Whose defaults and transforms apply; null for none.</param>
    /// <param name="askForUsage">Ask for the usage chunk where the client did not.</param>
    public static SplicedBody Splice(RequestEnvelope envelope, Backend backend, Model? model, bool askForUsage)
    {
        IReadOnlyList<FieldRule>? rules = FieldEdits.RulesOf(envelope.Operation, backend.Provider.Profile);
        FieldEdits? fields = rules is null ? null : FieldEdits.Of(envelope.Body.Span, rules, envelope.Removals);
        IReadOnlyList<Slice> removals = fields?.Removals ?? envelope.Removals;
        var edits = new Edit[4 + removals.Count + (fields?.Renames.Count ?? 0) + (model is null ? 0 : OutputLimit.MostEdits(model) + ModelDefaults.MostEdits(model))];
        int count = 0;
        var start = new Slice(envelope.ObjectStart, 0);
        bool chat = envelope.Operation is Operation.ChatCompletions;
        if (model is not null)
        {
            OutputLimit.Lower(envelope, backend, model, edits, ref count);
            ModelDefaults.Add(envelope, backend, model, rules, start, edits, ref count);
        }
        if (askForUsage && envelope.Stream && !envelope.UsageChunkWanted && (chat || envelope.Operation == Operation.Completions))
        {
            edits[count++] = backend.Provider.Profile is { CountsContinuously: true }
                ? SetMember(envelope, start, envelope.StreamOptions, envelope.IncludeUsage, ContinuousOptions, ContinuousObject, ContinuousMember, TrueLiteral)
                : SetMember(envelope, start, envelope.StreamOptions, envelope.IncludeUsage, UsageOptions, UsageObject, UsageMember, TrueLiteral);
        }
        if (chat && model?.ReasoningEnabled is { } thinking)
        {
            byte[] literal = thinking ? TrueLiteral : FalseLiteral;
            byte[] member = [.. "\"enable_thinking\":"u8, .. literal];
            byte[] whole = [.. "{"u8, .. member, .. "}"u8];
            edits[count++] = SetMember(envelope, start, envelope.TemplateOptions, envelope.EnableThinking, [.. "\"chat_template_kwargs\":"u8, .. whole, .. Comma], whole, member, literal);
        }
        if (model?.SystemPromptPrefix is { } prefix && envelope.Operation.GenerationWire() is not null)
        {
            edits[count++] = SystemPrefix.Edit(envelope, start, prefix);
        }
        if (envelope.ModelValue.Exists)
        {
            edits[count++] = new Edit(envelope.ModelValue, backend.UpstreamModelJson);
        }
        else if (!envelope.Operation.NamesModelInPath())
        {
            edits[count++] = new Edit(start, (byte[])[.. "\"model\":"u8, .. backend.UpstreamModelJson, .. Comma]);
        }
        for (int i = 0; i < removals.Count; i++)
        {
            edits[count++] = new Edit(removals[i], default);
        }
        for (int i = 0; i < fields?.Renames.Count; i++)
        {
            edits[count++] = fields.Renames[i];
        }
        SortByPosition(edits.AsSpan(0, count));
        if (removals.Count > 0)
        {
            count = LeaveOutCovered(edits.AsSpan(0, count));
        }
        return new SplicedBody(envelope.Body, edits, count);
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

    // A value that policy changes can be one that the upstream takes none of. Returns how many are left.
    private static int LeaveOutCovered(Span<Edit> edits)
    {
        int kept = 0;
        int end = 0;
        foreach (Edit edit in edits)
        {
            if (edit.At.Start >= end)
            {
                edits[kept++] = edit;
                end = edit.At.End;
            }
        }
        return kept;
    }

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
