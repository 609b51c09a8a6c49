using System.IO.Pipelines;
using System.Net;
using Gateway.Core.Accounting;
using Gateway.Core.Capture;
using Gateway.Core.Catalog;
using Gateway.Core.Keys;
using Gateway.Core.Limits;
using Gateway.Core.Relay;

namespace Gateway.Core;

/// <summary>
/// One client's request and the way back to it: all that the pipeline knows of the transport. An HTTP request is one kind of
/// it, a call from within the process another.
/// </summary>
public abstract class GatewayExchange
{
    public required Operation Operation { get; init; }
    public required string Method { get; init; }
    public required string Path { get; init; }

    /// <summary>The client's if it was well formed, else made here: 1 to 128 printable characters without spaces.</summary>
    public required string RequestId { get; init; }

    /// <summary>The trace that the client says the call is part of; one that does not exist begins here.</summary>
    public TraceContext Trace { get; init; }

    /// <summary>The model, where the path and not the body names it; null otherwise.</summary>
    public string? PathModel { get; init; }

    /// <summary>The provider, where the path names it (<c>/providers/{name}/…</c>): this one or none; null otherwise.</summary>
    public string? NamedProvider { get; init; }

    /// <summary>The path, not the body, asks for a stream.</summary>
    public bool PathStream { get; init; }

    /// <summary>The client takes a stream as one JSON array, not as server-sent events (Gemini without <c>alt=sse</c>).</summary>
    public bool WantsArray { get; init; }

    /// <summary>Headers that the client's wire gives a meaning upstream, such as <c>anthropic-version</c>; sent on where the wire stays the same.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> WireHeaders { get; init; } = [];

    /// <summary>All headers of the request as they came; read only where the call is captured.</summary>
    public virtual IReadOnlyList<KeyValuePair<string, string>> ClientHeaders => [];

    /// <summary>The headers of the answer as they were set; read only where the call is captured, when it is over.</summary>
    public virtual IReadOnlyList<KeyValuePair<string, string>> AnswerHeaders => [];

    /// <summary>Ended when the client is gone.</summary>
    public abstract CancellationToken Aborted { get; }

    /// <summary>The key that the client sent; null if there was none.</summary>
    public abstract PresentedKey? PresentedKey { get; }

    /// <summary>Where the client calls from; null where that is not known.</summary>
    public virtual IPAddress? ClientAddress => null;

    /// <summary>A caller inside the process that is trusted to say which key it acts for; null for all others.</summary>
    public virtual ApiKey? TrustedKey => null;

    /// <summary>The value of <c>X-Provider-Priority</c>.</summary>
    public abstract string? ProviderPriority { get; }

    /// <summary>The value of <c>Idempotency-Key</c>; null for none.</summary>
    public virtual string? IdempotencyKey => null;

    /// <summary>Reads the whole body into one buffer that stays valid until the exchange ends.</summary>
    /// <param name="maxBytes">More than this is an error, and is not read.</param>
    public abstract ValueTask<BodyResult> ReadBodyAsync(long maxBytes);

    /// <summary>The client sends a form (<c>multipart/form-data</c>) instead of JSON.</summary>
    public virtual bool SendsForm => false;

    /// <summary>Takes a form in, in memory or on disk; it stays valid until the exchange ends.</summary>
    /// <param name="maxBytes">More than this is an error, and is not read.</param>
    public virtual ValueTask<BodyResult> ReadFormAsync(long maxBytes) => throw new NotSupportedException();

    /// <summary>Makes sure of memory for so many bytes of the answer that is passed on, until the exchange ends; false when all clients together have used it up.</summary>
    public virtual bool TryHold(long bytes) => true;

    /// <summary>Sets the head of the answer; nothing is sent yet.</summary>
    public abstract void Start(in ResponseHead head);

    /// <summary>Where the answer's body goes after <see cref="Start"/>.</summary>
    public PipeWriter Output => _tap ?? Client;

    /// <summary>The way to the client itself.</summary>
    protected abstract PipeWriter Client { get; }

    private CapturingWriter? _tap;

    /// <summary>From now on what is sent to the client is kept as well.</summary>
    internal CapturingWriter Tap() => _tap = new CapturingWriter(Client);

    /// <summary>Bytes of the body that <see cref="WriteErrorAsync"/> will send for this error: a call is in the books before it is answered.</summary>
    public virtual int SizeOf(GatewayError error) => 0;

    /// <summary>Answers with an error in the client's own wire. Only before <see cref="Start"/>.</summary>
    public abstract ValueTask WriteErrorAsync(GatewayError error, LimitDecision limits);

    /// <summary>An error inside a stream that has begun, as the last of its events in the client's wire.</summary>
    public abstract void WriteErrorEvent(GatewayError error, in BrokenStream stream);

    /// <summary>Makes the connection end visibly broken, for an answer that cannot be completed.</summary>
    public abstract void Abort();
}

/// <summary>A body, or why there is none.</summary>
/// <param name="ContentType">The client's header, for forms; null is JSON.</param>
public readonly record struct BodyResult(ReadOnlyMemory<byte> Body, GatewayError? Error, string? ContentType = null);

/// <summary>The head of an answer.</summary>
public readonly ref struct ResponseHead
{
    public required int Status { get; init; }
    public required string ContentType { get; init; }

    /// <summary>Null for a stream.</summary>
    public long? ContentLength { get; init; }
    public required LimitDecision Limits { get; init; }

    /// <summary>The call so far; complete but for the writing when the answer is not a stream.</summary>
    public required UsageRecord Record { get; init; }
    public required bool Streamed { get; init; }

    /// <summary>The upstream's answer, for the few headers that travel; null if none does.</summary>
    public HttpResponseMessage? Upstream { get; init; }

    /// <summary>The answer is the gateway's own estimate, for <c>x-gateway-estimated</c>.</summary>
    public bool Estimated { get; init; }

    /// <summary>What the translation to another wire lost, for <c>x-gateway-lossy</c>; null if nothing, or nobody is to be told.</summary>
    public string? Lossy { get; init; }

    /// <summary>Whether to add the <c>x-gateway-*</c> headers.</summary>
    public required bool GatewayHeaders { get; init; }
}
