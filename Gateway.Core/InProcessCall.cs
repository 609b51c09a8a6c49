using System.IO.Pipelines;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Keys;
using Gateway.Core.Limits;
using Gateway.Core.Relay;

namespace Gateway.Core;

/// <summary>
/// A call from within the process, for one of the catalog's keys: the same way through the pipeline, limits, journal and all.
/// The console's playground is such a caller.
/// </summary>
public sealed class InProcessCall
{
    private readonly Exchange _exchange;

    private InProcessCall(Exchange exchange, Task<UsageRecord> completed) => (_exchange, Completed) = (exchange, completed);

    /// <summary>The answer's status, as soon as its head is there.</summary>
    public Task<int> Status => _exchange.Status.Task;

    /// <summary>What the answer's head says of the caller's limits; known with <see cref="Status"/>.</summary>
    public LimitDecision Limits => _exchange.Limits;

    /// <summary>Why the call was refused or failed before anything was said; null where it was not. Known with <see cref="Status"/>.</summary>
    public GatewayError? Refusal => _exchange.Refusal;

    /// <summary>The answer: server-sent events or a JSON document. Read it to its end, or cancel the call.</summary>
    public PipeReader Body => _exchange.Answer.Reader;

    /// <summary>The call's entry in the books, once it is over.</summary>
    public Task<UsageRecord> Completed { get; }

    /// <param name="key">Whose limits and permissions hold, and whom the call is booked on.</param>
    /// <param name="body">The request as JSON, just as a client would send it.</param>
    /// <param name="pathModel">The model, where the operation has it in the path (Gemini's, Bedrock's); null elsewhere.</param>
    /// <param name="pathStream">Whether such an operation is to stream.</param>
    /// <param name="trace">What it is part of; by default it begins a trace.</param>
    /// <param name="requestId">Names the call in the books and upstream; null makes one up.</param>
    public static InProcessCall Start(
        GatewayPipeline pipeline,
        ApiKey key,
        Operation operation,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellation,
        string? pathModel = null,
        bool pathStream = false,
        TraceContext trace = default,
        string? requestId = null)
    {
        var exchange = new Exchange(key, body, cancellation)
        {
            Operation = operation,
            Method = "POST",
            Path = "/v1/" + operation.ToPath(),
            RequestId = requestId ?? Guid.NewGuid().ToString("N"),
            PathModel = pathModel,
            PathStream = pathStream,
            Trace = trace,
        };
        return new InProcessCall(exchange, RunAsync(pipeline, exchange));
    }

    private static async Task<UsageRecord> RunAsync(GatewayPipeline pipeline, Exchange exchange)
    {
        // Off the caller's thread: a page must not wait for the pipeline's first steps.
        await Task.Yield();
        UsageRecord record = await pipeline.InvokeAsync(exchange);
        exchange.Status.TrySetResult(record.Status);
        await exchange.Answer.Writer.CompleteAsync();
        return record;
    }

    private sealed class Exchange(ApiKey key, ReadOnlyMemory<byte> body, CancellationToken cancellation) : GatewayExchange
    {
        public TaskCompletionSource<int> Status { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public Pipe Answer { get; } = new();
        public LimitDecision Limits { get; private set; }
        public GatewayError? Refusal { get; private set; }
        public override CancellationToken Aborted => cancellation;
        public override PresentedKey? PresentedKey => null;
        public override ApiKey? TrustedKey => key;
        public override string? ProviderPriority => null;
        protected override PipeWriter Client => Answer.Writer;

        public override ValueTask<BodyResult> ReadBodyAsync(long maxBytes) => ValueTask.FromResult(body.Length <= maxBytes
            ? new BodyResult(body, null)
            : new BodyResult(default, new GatewayError(GatewayErrorKind.RequestTooLarge, $"The request body is larger than {maxBytes} bytes.")));

        public override void Start(in ResponseHead head)
        {
            Limits = head.Limits;
            Status.TrySetResult(head.Status);
        }

        public override async ValueTask WriteErrorAsync(GatewayError error, LimitDecision limits)
        {
            (Limits, Refusal) = (limits, error);
            Status.TrySetResult(error.StatusCode);
            Write(error);
            await Output.FlushAsync(CancellationToken.None);
        }

        public override void WriteErrorEvent(GatewayError error, in BrokenStream stream)
        {
            System.Buffers.BuffersExtensions.Write(Output, "data: "u8);
            Write(error);
            System.Buffers.BuffersExtensions.Write(Output, "\n\n"u8);
        }

        public override void Abort() => Output.Complete(new IOException("The answer could not be completed."));

        private void Write(GatewayError error) => OpenAIError.Write(Output, error);
    }
}
