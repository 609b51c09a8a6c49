using System.IO.Pipelines;
using Gateway.Core;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Keys;
using Gateway.Core.Limits;
using Gateway.Core.Relay;
using Shouldly;
using Xunit;

namespace Gateway.Tests;

public sealed class GatewayPipelineTests
{
    [Fact]
    public async Task Invoke_ClientLeavesWhileItIsToldOfAnError_IsInMetricsAndLogAllTheSame()
    {
        var sink = new Posted();
        var catalog = new GatewayCatalog();
        catalog.MarkLoaded();
        var pipeline = new GatewayPipeline(catalog, () => new GatewayOptions(), [], journal: null, sink, TimeProvider.System, new Random(1));

        using var gone = new CancellationTokenSource();
        await Should.ThrowAsync<OperationCanceledException>(() => pipeline.InvokeAsync(new Leaving(gone)
        {
            Operation = Operation.ChatCompletions,
            Method = "POST",
            Path = "/v1/chat/completions",
            RequestId = "r",
        }));

        sink.Records.ShouldHaveSingleItem().ErrorKind.ShouldBe("unauthenticated");
        sink.Records[0].ClientAborted.ShouldBeTrue();
    }

    [Fact]
    public async Task Invoke_WithoutEnoughMemory_IsToldAndSettledLikeAnyFault()
    {
        var sink = new Posted { Expected = typeof(InsufficientMemoryException) };
        var catalog = new GatewayCatalog();
        catalog.MarkLoaded();
        var pipeline = new GatewayPipeline(catalog, () => new GatewayOptions(), [], journal: null, sink, TimeProvider.System, new Random(1));
        var exchange = new Large { Operation = Operation.ChatCompletions, Method = "POST", Path = "/v1/chat/completions", RequestId = "r" };

        await pipeline.InvokeAsync(exchange);

        exchange.Told!.StatusCode.ShouldBe(500);
        sink.Records.ShouldHaveSingleItem().ErrorKind.ShouldBe("internal");
    }

    private sealed class Posted : IUsageSink
    {
        public Type? Expected { get; init; }

        public List<UsageRecord> Records { get; } = [];

        public void Post(UsageRecord record) => Records.Add(record);

        public void Fault(string requestId, Exception exception) => exception.GetType().ShouldBe(Expected);
    }

    /// <summary>More than there is memory for.</summary>
    private sealed class Large : GatewayExchange
    {
        public GatewayError? Told { get; private set; }

        public override CancellationToken Aborted => CancellationToken.None;

        public override PresentedKey? PresentedKey => throw new InsufficientMemoryException();

        public override string? ProviderPriority => null;

        protected override PipeWriter Client => throw new NotSupportedException();

        public override ValueTask<BodyResult> ReadBodyAsync(long maxBytes) => throw new NotSupportedException();

        public override void Start(in ResponseHead head) => throw new NotSupportedException();

        public override ValueTask WriteErrorAsync(GatewayError error, LimitDecision limits)
        {
            Told = error;
            return ValueTask.CompletedTask;
        }

        public override void WriteErrorEvent(GatewayError error, in BrokenStream stream) => throw new NotSupportedException();

        public override void Abort() => throw new NotSupportedException();
    }

    /// <summary>Gone while the first byte of an error is on its way.</summary>
    private sealed class Leaving(CancellationTokenSource gone) : GatewayExchange
    {
        public override CancellationToken Aborted => gone.Token;

        public override PresentedKey? PresentedKey { get; } = new("ml-nobody");

        public override string? ProviderPriority => null;

        protected override PipeWriter Client => throw new NotSupportedException();

        public override ValueTask<BodyResult> ReadBodyAsync(long maxBytes) => throw new NotSupportedException();

        public override void Start(in ResponseHead head) => throw new NotSupportedException();

        public override async ValueTask WriteErrorAsync(GatewayError error, LimitDecision limits)
        {
            await gone.CancelAsync();
            gone.Token.ThrowIfCancellationRequested();
        }

        public override void WriteErrorEvent(GatewayError error, in BrokenStream stream) => throw new NotSupportedException();

        public override void Abort() => throw new NotSupportedException();
    }
}
