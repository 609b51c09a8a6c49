using System.Buffers.Text;
using Gateway.Core.Catalog;

namespace Gateway.Core.Relay;

/// <summary>
/// Holds a request to its model's limit of output tokens, so that the upstream itself stops there: what asks for more is
/// lowered, what asks for no limit is given this one, and what asks for less stays as it is. Explained in <c>docs/guardrails.md</c>.
/// </summary>
internal static class OutputLimit
{
    // "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16".
    private const int LeastOfResponses = 16;

    // What the API itself takes where a text completion says nothing.
    private const int CompletionDefault = 16;

    private static readonly byte[] MaxTokens = "\"max_tokens\""u8.ToArray();
    private static readonly byte[] MaxCompletionTokens = "\"max_completion_tokens\""u8.ToArray();
    private static readonly byte[] MaxOutputTokens = "\"max_output_tokens\""u8.ToArray();
    private static readonly byte[] GeminiMaxOutputTokens = "\"maxOutputTokens\""u8.ToArray();

    /// <summary>Of <see cref="Lower"/>.</summary>
    public static int MostEdits(Model model) => model.MaxOutputTokens is null ? 0 : 2;

    /// <summary>Lowers what the client asked for, where it is more; at most two edits.</summary>
    public static void Lower(RequestEnvelope envelope, Backend backend, Model model, Edit[] edits, ref int count)
    {
        if (model.MaxOutputTokens is not { } limit || NameOn(envelope.Operation, backend) is null)
        {
            return;
        }
        limit = AtLeast(envelope.Operation, limit);
        (Slice first, Slice second) = Values(envelope);
        ReadOnlySpan<byte> body = envelope.Body.Span;
        bool limited = false;
        foreach (Slice value in (ReadOnlySpan<Slice>)[first, second])
        {
            if (!value.Exists || IsNull(value, body))
            {
                continue;
            }
            limited = true;
            // What cannot be read as a number is no limit that can be trusted.
            if (Whole(value.Of(body)) is not { } asked || asked < 0 || asked > limit)
            {
                edits[count++] = new Edit(value, Json(limit));
            }
        }
        // Null is how some clients say nothing; the name is there, so that it cannot be put in once more.
        if (!limited && (first.Exists || second.Exists))
        {
            edits[count++] = new Edit(first.Exists ? first : second, Json(Said(model, limit)));
        }
    }

    /// <summary>The member that a body without any limit is to get; null for none.</summary>
    public static DefaultParam? Missing(RequestEnvelope envelope, Backend backend, Model model)
    {
        if (model.MaxOutputTokens is not { } limit || NameOn(envelope.Operation, backend) is not { } name)
        {
            return null;
        }
        (Slice first, Slice second) = Values(envelope);
        if (first.Exists || second.Exists)
        {
            return null;
        }
        int said = Said(model, AtLeast(envelope.Operation, limit));
        bool shortAnyway = envelope.Operation == Operation.Completions && said >= CompletionDefault
            && backend.Provider.Kind is ProviderKind.OpenAI or ProviderKind.AzureOpenAI && !HasDefault(model);
        return shortAnyway ? null : new DefaultParam(name, Json(said));
    }

    /// <summary>Whether the default is one that the limit takes the place of.</summary>
    public static bool Governs(Operation operation, Model model, in DefaultParam parameter) =>
        model.MaxOutputTokens is not null && operation.Generates() && IsLimit(parameter);

    /// <summary>A whole number, in whatever way JSON has it: <c>100</c>, <c>1e2</c>, or quoted, as Gemini takes it. Null if it is none.</summary>
    public static long? Whole(ReadOnlySpan<byte> json)
    {
        ReadOnlySpan<byte> text = json is [(byte)'"', .., (byte)'"'] ? json[1..^1] : json;
        if (Utf8Parser.TryParse(text, out long whole, out int read) && read == text.Length)
        {
            return whole;
        }
        return Utf8Parser.TryParse(text, out double number, out read) && read == text.Length && Math.Abs(number) < long.MaxValue
            ? (long)Math.Ceiling(number)
            : null;
    }

    // The model's own default where it is less: that is what it is for.
    private static int Said(Model model, int limit)
    {
        foreach (DefaultParam parameter in model.DefaultParams)
        {
            if (IsLimit(parameter) && Whole(parameter.ValueJson) is { } said && said >= 0 && said < limit)
            {
                return (int)said;
            }
        }
        return limit;
    }

    private static bool HasDefault(Model model)
    {
        foreach (DefaultParam parameter in model.DefaultParams)
        {
            if (IsLimit(parameter))
            {
                return true;
            }
        }
        return false;
    }

    private static bool IsLimit(in DefaultParam parameter) =>
        parameter.Name.AsSpan().SequenceEqual(MaxTokens) || parameter.Name.AsSpan().SequenceEqual(MaxCompletionTokens);

    private static int AtLeast(Operation operation, int limit) => operation == Operation.Responses ? Math.Max(limit, LeastOfResponses) : limit;

    private static bool IsNull(Slice value, ReadOnlySpan<byte> body) => body[value.Start] == (byte)'n';

    // Only what the wire itself knows: a name of another wire is an unknown field, and none of the gateway's business.
    private static (Slice First, Slice Second) Values(RequestEnvelope envelope) => envelope.Operation switch
    {
        Operation.ChatCompletions => (envelope.MaxTokensValue, envelope.MaxCompletionTokensValue),
        Operation.Responses or Operation.GenerateContent => (envelope.MaxOutputTokensValue, default),
        _ => (envelope.MaxTokensValue, default),
    };

    /// <summary>What the wire calls it; null where it cannot be said in a member of its own.</summary>
    private static byte[]? NameOn(Operation operation, Backend backend) => operation switch
    {
        // OpenAI's reasoning models take the new name only; every compatible server knows the old one.
        Operation.ChatCompletions when backend.Provider.Kind is ProviderKind.OpenAI or ProviderKind.AzureOpenAI => MaxCompletionTokens,
        Operation.ChatCompletions or Operation.Completions or Operation.Messages or Operation.CohereChat => MaxTokens,
        Operation.Responses => MaxOutputTokens,
        Operation.GenerateContent => GeminiMaxOutputTokens,
        _ => null,
    };

    private static byte[] Json(int limit)
    {
        byte[] json = new byte[11];
        Utf8Formatter.TryFormat(limit, json, out int length);
        return json[..length];
    }
}
