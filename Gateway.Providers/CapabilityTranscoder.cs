using System.Text.Json;
using Gateway.Core.Capabilities;
using Gateway.Core.Capabilities.Audio;
using Gateway.Core.Capabilities.Embeddings;
using Gateway.Core.Capabilities.Images;
using Gateway.Core.Capabilities.Reranking;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Replay;

namespace Gateway.Providers;

/// <summary>
/// What <see cref="Transcoder"/> is for generation, for embeddings, rankings, pictures and sound: requests and answers of one API as another
/// has them, as JSON or typed, with a report of what was bridged and lost. Forms are not read. Safe for concurrent use.
/// </summary>
public static class CapabilityTranscoder
{
    private static readonly Family[] Families =
    [
        new Family<EmbeddingRequest, EmbeddingAnswer>(
            (codec, body) => (codec as IEmbeddingCodec)?.ReadRequest(body.Json),
            (codec, answer, request, _) => codec is IEmbeddingCodec client ? CapabilityContent.Json(json => client.WriteAnswer(answer, request, json)) : null,
            (request, model) => request with { Model = model },
            request => request.Model),
        new Family<RerankRequest, RerankAnswer>(
            (codec, body) => (codec as IRerankCodec)?.ReadRequest(body.Json),
            (codec, answer, request, _) => codec is IRerankCodec client ? CapabilityContent.Json(json => client.WriteAnswer(answer, request, json)) : null,
            (request, model) => request with { Model = model },
            request => request.Model),
        Media<ImageRequest, ImageAnswer>(),
        Media<TranscriptionRequest, TranscriptionAnswer>(),
        Media<SpeechRequest, SpeechAnswer>(),
    ];

    /// <summary>A request of <paramref name="from"/> as <paramref name="to"/> takes it; of one and the same API it comes back as it is.</summary>
    /// <param name="model">What the other API calls the model; null keeps the name, where the request has it.</param>
    /// <exception cref="JsonException">It is not JSON.</exception>
    /// <exception cref="GenerationFormatException">It is no request of that API, or asks for what the other cannot do.</exception>
    /// <exception cref="NotSupportedException">There is no way from the one to the other.</exception>
    public static ConversionReport<JsonElement> Request(Operation from, Operation to, ReadOnlySpan<byte> json, string? model = null)
    {
        var notes = new ConversionNotes();
        JsonElement body = JsonFields.Parse(json);
        if (from == to)
        {
            return notes.Report(body);
        }
        notes.Cross();
        var fields = new CapabilityBody(body);
        foreach (Family family in Families)
        {
            if (family.Read(from, fields) is { } request && family.Write(to, family.Named(request, model ?? body.Text("model")), notes) is { } written)
            {
                return notes.Report(JsonFields.Parse(written.Span));
            }
        }
        throw NoWay(from, to);
    }

    /// <summary>A request as the canonical form has it, such as an <see cref="EmbeddingRequest"/>.</summary>
    /// <inheritdoc cref="Request" path="/exception"/>
    public static TRequest ReadRequest<TRequest>(Operation from, ReadOnlySpan<byte> json) where TRequest : class
    {
        JsonElement body = JsonFields.Parse(json);
        return Families.Select(f => f.Read(from, new CapabilityBody(body)) is { } read ? f.Named(read, body.Text("model")) as TRequest : null).FirstOrDefault(r => r is not null)
            ?? throw new NotSupportedException($"A request of {from} is no {typeof(TRequest).Name}.");
    }

    /// <summary>A typed request as it goes to <paramref name="to"/>: the path below the API's base address, and the body.</summary>
    /// <param name="model">For pictures and sound, whose requests do not hold it.</param>
    /// <exception cref="GenerationFormatException">It asks for what this API cannot do.</exception>
    /// <exception cref="NotSupportedException">This API does nothing of the kind.</exception>
    public static ConversionReport<TransportRequest> WriteRequest<TRequest>(Operation to, TRequest request, string? model = null) where TRequest : class
    {
        var notes = new ConversionNotes();
        foreach (Family family in Families)
        {
            if (family.Write(to, family.Named(request, model), notes) is { } written)
            {
                string path = PathOf(to, model ?? family.ModelOf(request));
                return notes.Report(new TransportRequest("POST", path, [], TransportBody.OfJson(JsonFields.Parse(written.Span))));
            }
        }
        throw new NotSupportedException($"{to} takes no {typeof(TRequest).Name}.");
    }

    /// <summary>An answer of <paramref name="from"/> as a client of <paramref name="to"/> expects it; sound is no JSON.</summary>
    /// <param name="request">As that client sent it: it chose the form of the answer.</param>
    /// <param name="now">When the answer came.</param>
    /// <inheritdoc cref="Request" path="/exception"/>
    public static CapabilityContent Answer(Operation from, Operation to, ReadOnlySpan<byte> answer, ReadOnlySpan<byte> request, DateTimeOffset now)
    {
        (JsonElement body, JsonElement asked) = (JsonFields.Parse(answer), JsonFields.Parse(request));
        var fields = new CapabilityBody(asked);
        foreach (Family family in Families)
        {
            if (family.Read(to, fields) is { } read && family.ReadAnswer(from, body) is { } result && family.WriteAnswer(to, result, family.Named(read, asked.Text("model")), now) is { } content)
            {
                return content;
            }
        }
        throw NoWay(from, to);
    }

    /// <summary>An answer as the canonical form has it, such as an <see cref="EmbeddingAnswer"/>.</summary>
    /// <inheritdoc cref="Request" path="/exception"/>
    public static TAnswer ReadAnswer<TAnswer>(Operation from, ReadOnlySpan<byte> json) where TAnswer : class
    {
        JsonElement body = JsonFields.Parse(json);
        return Families.Where(f => f.Answers == typeof(TAnswer)).Select(f => f.ReadAnswer(from, body) as TAnswer).FirstOrDefault(a => a is not null)
            ?? throw new NotSupportedException($"An answer of {from} is no {typeof(TAnswer).Name}.");
    }

    private static NotSupportedException NoWay(Operation from, Operation to) => new($"There is no way from {from} to {to}.");

    private static string PathOf(Operation to, string? model) => to switch
    {
        Operation.InvokeModel or Operation.Converse => $"model/{Uri.EscapeDataString(model ?? "")}/{to.ToPath()}",
        _ when to.NamesModelInPath() => $"models/{model}:{to.ToPath()}",
        _ => to.ToPath(),
    };

    private static Family<TRequest, TAnswer> Media<TRequest, TAnswer>() where TRequest : class where TAnswer : class => new(
        (codec, body) => codec is IClientCodec<TRequest, TAnswer> client ? client.ReadRequest(body) : null,
        (codec, answer, request, now) => codec is IClientCodec<TRequest, TAnswer> client ? client.WriteAnswer(answer, request, now) : null,
        (request, _) => request,
        _ => null);

    /// <summary>One capability, without its types; what does not belong to it is null.</summary>
    private abstract class Family
    {
        public abstract Type Answers { get; }

        public abstract object? Read(Operation from, CapabilityBody body);

        public abstract object Named(object request, string? model);

        public abstract string? ModelOf(object request);

        public abstract ReadOnlyMemory<byte>? Write(Operation to, object request, ConversionNotes notes);

        public abstract object? ReadAnswer(Operation from, JsonElement answer);

        public abstract CapabilityContent? WriteAnswer(Operation to, object answer, object request, DateTimeOffset now);
    }

    private sealed class Family<TRequest, TAnswer>(
        Func<ICapabilityCodec, CapabilityBody, TRequest?> read,
        Func<ICapabilityCodec, TAnswer, TRequest, DateTimeOffset, CapabilityContent?> write,
        Func<TRequest, string, TRequest> name,
        Func<TRequest, string?> modelOf) : Family where TRequest : class where TAnswer : class
    {
        public override Type Answers => typeof(TAnswer);

        public override object? Read(Operation from, CapabilityBody body) =>
            Codecs(from).Select(c => read(c, body)).FirstOrDefault(r => r is not null);

        public override object Named(object request, string? model) => request is TRequest known && model is not null ? name(known, model) : request;

        public override string? ModelOf(object request) => request is TRequest known ? modelOf(known) : null;

        public override ReadOnlyMemory<byte>? Write(Operation to, object request, ConversionNotes notes) =>
            request is TRequest known && Upstream(to) is { } codec ? JsonBody.Write(json => codec.WriteRequest(known, json, notes)) : default(ReadOnlyMemory<byte>?);

        public override object? ReadAnswer(Operation from, JsonElement answer) => Upstream(from)?.ReadAnswer(answer);

        public override CapabilityContent? WriteAnswer(Operation to, object answer, object request, DateTimeOffset now) =>
            answer is TAnswer result && request is TRequest known ? Codecs(to).Select(c => write(c, result, known, now)).FirstOrDefault(c => c is not null) : null;

        private static IEnumerable<ICapabilityCodec> Codecs(Operation operation) => ProviderRegistry.Capabilities.Where(c => c.Operation == operation);

        private static IUpstreamCodec<TRequest, TAnswer>? Upstream(Operation operation) => Codecs(operation).OfType<IUpstreamCodec<TRequest, TAnswer>>().FirstOrDefault();
    }
}
