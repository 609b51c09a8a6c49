using System.Collections.Concurrent;
using System.Text;
using Gateway.Core;
using Gateway.Core.Accounting;
using Gateway.Core.Accounting.Journaling;
using Gateway.Core.Catalog;
using Gateway.Core.Failover;
using Gateway.Core.Generation.StoredResponses;
using Gateway.Core.Health;
using Gateway.Core.Limits;
using Gateway.Core.Live;
using Gateway.Core.Load;
using Gateway.Tests.Accounting.Journaling;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Failover;

/// <summary>Calls that end at any moment, from any side: whatever they hold comes back once, and each is in the books once.</summary>
public sealed class CutCallsTests
{
    private const int Places = 16;
    private const int Workers = 48;
    private const int CallsOfEach = 40;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EndedAtAnyMoment_AllThatWasHeldComesBackOnce_AndEachIsInTheBooksOnce()
    {
        var upstream = new Unreliable();
        await using var host = new Host(upstream.AnswerAsync, timeouts: new TimeoutSettings { FirstByte = TimeSpan.FromMilliseconds(150), Idle = TimeSpan.FromMilliseconds(50) });
        int started = 0;
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            for (int i = 0; i < CallsOfEach; i++)
            {
                using var leave = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
                InProcessCall call = host.Start(stream: random.Next(3) > 0, hedged: random.Next(3) == 0, leave.Token);
                Interlocked.Increment(ref started);
                Task reading = random.Next(4) == 0 ? Task.CompletedTask : call.Body.CopyToAsync(Stream.Null, leave.Token);
                await Pause.AnyAsync(random, Cancel);
                switch (random.Next(4))
                {
                    case 0:
                        await leave.CancelAsync();
                        break;
                    case 1 when host.Running.List() is { Count: > 0 } all:
                        host.Running.Cancel(all[random.Next(all.Count)].Id);
                        break;
                }
                await ((Task)call.Completed).WaitAsync(Eventually.Limit, Cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                call.Completed.IsCompleted.ShouldBeTrue($"call {i} of worker {worker}");
                await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await call.Body.CompleteAsync();
            }
        }, Cancel)));

        // What was given up ends by itself.
        await Eventually.TrueAsync(() => upstream.Open == 0);
        await Eventually.TrueAsync(host.HoldsNothing);
        // As many as there may be, of everything that is counted, are served at once.
        host.BePatient();
        upstream.Gather(Places);
        InProcessCall[] wave = [.. Enumerable.Range(0, Places).Select(_ => host.Start(stream: false, hedged: false, Cancel))];
        UsageRecord[] served = await Task.WhenAll(wave.Select(c => c.Completed)).WaitAsync(Eventually.Limit, Cancel);

        served.ShouldAllBe(r => r.Status == 200);
        host.Faults.ShouldBeEmpty();
        await Eventually.TrueAsync(host.HoldsNothing);
        Guid[] ids = [.. host.Posted.Select(r => r.Id)];
        ids.Length.ShouldBe(started + Places);
        ids.Distinct().Count().ShouldBe(ids.Length);
        (await host.CloseAsync()).Order().ShouldBe(ids.Order());
    }

    // Its buffer is another call's once it is given back.
    [Fact]
    public async Task FaultBesideAnAttemptThatReads_WhatItReadsIntoIsKeptUntilItHasRead()
    {
        var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bool reading = false;
        bool disposedWhileReading = false;
        var disposed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int asked = 0;
        await using var host = new Host((_, _) => Interlocked.Increment(ref asked) > 1
            ? throw new KeyNotFoundException("Nobody thought of this.")
            : Task.FromResult(InProcessUpstream.Events(new ScriptedBody(async (buffer, _) =>
            {
                if (buffer.IsEmpty)
                {
                    return 0;
                }
                // As a socket, which heeds no token, but is closed.
                Volatile.Write(ref reading, true);
                await read.Task;
                Volatile.Write(ref reading, false);
                return 0;
            }, () =>
            {
                disposedWhileReading = Volatile.Read(ref reading);
                disposed.SetResult();
            }))));
        InProcessCall call = host.Start(stream: true, hedged: true, Cancel);

        (await call.Completed.WaitAsync(Eventually.Limit, Cancel)).ErrorKind.ShouldBe("internal");
        asked.ShouldBe(2);
        read.SetResult();

        await disposed.Task.WaitAsync(Eventually.Limit, Cancel);
        disposedWhileReading.ShouldBeFalse();
        await Eventually.TrueAsync(host.HoldsNothing);
        host.Faults.ShouldHaveSingleItem().ShouldBeOfType<KeyNotFoundException>();
    }

    [Fact]
    public async Task FaultWhileItIsSettled_IsInTheBooksAndHoldsNothingAllTheSame()
    {
        await using var host = new Host(
            (_, _) => Task.FromResult(InProcessUpstream.Json("""{"id":"resp_1","object":"response","created_at":1,"status":"completed","model":"m","output":[],"usage":{"input_tokens":1,"output_tokens":1,"total_tokens":2}}""")),
            new Forgetful());

        UsageRecord record = await host.Start(Operation.Responses, """{"model":"m","input":"hello"}""", Cancel).Completed.WaitAsync(Eventually.Limit, Cancel);

        record.Status.ShouldBe(200);
        host.Faults.ShouldHaveSingleItem().ShouldBeOfType<KeyNotFoundException>();
        host.HoldsNothing().ShouldBeTrue();
        (await host.CloseAsync()).ShouldBe([record.Id]);
    }

    /// <summary>Everything that counts calls, around a pipeline.</summary>
    private sealed class Host : IUsageSink, IAsyncDisposable
    {
        private readonly JournalSandbox _sandbox = new();
        private readonly GatewayCatalog _catalog = new();
        private readonly Journal _journal;
        private readonly InFlightTable _table;
        private readonly LoadGates _gates = new(TimeProvider.System);
        private readonly GatewayPipeline _pipeline;

        public Host(Func<UpstreamCall, CancellationToken, Task<HttpResponseMessage>> answer, IResponseStore? store = null, TimeoutSettings? timeouts = null)
        {
            _catalog.Replace(Everything(timeouts ?? new TimeoutSettings())).ShouldBeEmpty();
            _catalog.MarkLoaded();
            _journal = _sandbox.Open(segmentBytes: 1024 * 1024);
            _table = InFlightTable.Open(_sandbox.Directory, TimeProvider.System);
            var options = new GatewayOptions
            {
                MaxRetries = 1,
                RetryBackoff = TimeSpan.FromMilliseconds(1),
                RetryBudget = 1,
                Breaker = BreakerSettings.Default with { ConsecutiveFailures = 0, FailureRate = 0 },
                Load = new LoadSettings { MostRequests = Places, QueueLength = Places, QueueTimeout = TimeSpan.FromSeconds(20) },
            };
            _pipeline = new GatewayPipeline(
                _catalog, () => options, [new InProcessUpstream(answer)], _journal, this, TimeProvider.System, new Random(1),
                store: store, inFlight: _table, running: Running, load: _gates);
        }

        public RunningCalls Running { get; } = new();
        public ConcurrentQueue<UsageRecord> Posted { get; } = new();
        public ConcurrentQueue<Exception> Faults { get; } = new();

        /// <summary>From now on upstreams have all the time they need.</summary>
        public void BePatient() => _catalog.Replace(Everything(new TimeoutSettings())).ShouldBeEmpty();

        public InProcessCall Start(bool stream, bool hedged, CancellationToken cancellation) => Start(
            Operation.ChatCompletions,
            $$"""{"model":"m","messages":[{"role":"user","content":"hello"}],"max_tokens":9,"stream":{{(stream ? "true" : "false")}}{{(hedged ? ",\"omni_route\":\"hedged\"" : "")}}}""",
            cancellation);

        public InProcessCall Start(Operation operation, string body, CancellationToken cancellation) =>
            InProcessCall.Start(_pipeline, _catalog.Current.Keys.Values.Single(), operation, Encoding.UTF8.GetBytes(body), cancellation);

        public bool HoldsNothing()
        {
            CatalogSnapshot catalog = _catalog.Current;
            Model model = catalog.FindModel("m")!;
            DateTimeOffset now = TimeProvider.System.GetUtcNow();
            return Running.IsEmpty && _gates.Waiting == 0
                && model.State.Gate is { Inside: 0, Waiting: 0 } && model.State.Queue.Waiting == 0
                && catalog.Scopes.Values.All(s => s.State.InFlight == 0 && s.Budgets.All(b => b.Meter.Read(b, now) is { InFlight: 0, Reserved.Value: 0 }))
                && model.Backends.All(b => b.State.InFlight == 0 && b.Provider.State.InFlight == 0
                    && b.Provider.Pool.All(c => c.State is { InFlight: 0, TokensInFlight: 0 }));
        }

        /// <summary>The calls that are in the books; none is noted as running.</summary>
        public async Task<IReadOnlyList<Guid>> CloseAsync()
        {
            _table.Dispose();
            await _journal.DisposeAsync();
            using InFlightTable next = InFlightTable.Open(_sandbox.Directory, TimeProvider.System);
            next.ReadLeft().ShouldBeEmpty();
            return [.. _sandbox.ReadClosed().Select(r => r.Id)];
        }

        public void Post(UsageRecord record) => Posted.Enqueue(record);

        public void Fault(string requestId, Exception exception) => Faults.Enqueue(exception);

        public async ValueTask DisposeAsync()
        {
            _table.Dispose();
            await _journal.DisposeAsync();
            _gates.Dispose();
            _sandbox.Dispose();
        }

        private static CatalogDefinition Everything(TimeoutSettings timeouts)
        {
            CatalogDefinition two = TestGateway.ModelOver(new Uri("http://127.0.0.1:1/v1"), new Uri("http://127.0.0.1:2/v1"));
            BudgetDefinition budget = new() { Id = "", Name = "", Scope = ScopeKind.Gateway, Amount = NanoUsd.FromDollars(1000) };
            return two with
            {
                Providers = [.. two.Providers.Select(p => p with
                {
                    Credentials = [p.Credentials[0] with { RpmLimit = 1_000_000, TpmLimit = 1_000_000_000 }],
                    Timeouts = timeouts,
                })],
                Models = [two.Models[0] with
                {
                    MaxConcurrency = Places,
                    Backends = [.. two.Models[0].Backends.Select(b => b with { MaxConcurrency = Places / 2, Priority = 0 })],
                }],
                Routes = [new RouteDefinition { Id = "r", Name = "hedged", Steps = [new RouteStepDefinition { Model = "m" }], HedgeAfter = TimeSpan.FromMilliseconds(50) }],
                Keys = [TestGateway.KeyOf(TestGateway.Key, tpm: 1_000_000_000) with { MaxParallel = Places }],
                Limits = [new LimitDefinition { Scope = ScopeKind.Provider, Of = "p0", MaxParallel = Places / 2 }, new LimitDefinition { Scope = ScopeKind.Model, Of = "m", MaxParallel = Places }],
                Budgets = [budget with { Id = "all", Name = "all" }, budget with { Id = "one", Name = "one", Scope = ScopeKind.Provider, Of = "p1" }],
                Prices = [new ModelPrice { Model = "*", EffectiveFrom = DateTimeOffset.UnixEpoch, InputPerMillion = NanoUsd.FromDollars(1), OutputPerMillion = NanoUsd.FromDollars(1), Version = "test" }],
            };
        }
    }

    /// <summary>Answers, fails, breaks off and falls silent as chance has it.</summary>
    private sealed class Unreliable
    {
        private static readonly byte[][] Pieces =
            [.. new[] { Answers.Role, Answers.Delta("one "), Answers.Delta("two"), Answers.Finish, Answers.Usage, Answers.Done }.Select(d => Encoding.UTF8.GetBytes($"data: {d}\n\n"))];

        private int _open;
        private int _seed;
        private int _missing;
        private TaskCompletionSource? _gathered;

        /// <summary>Bodies that nobody has disposed of.</summary>
        public int Open => Volatile.Read(ref _open);

        /// <summary>From now on answers well, and to nobody before so many ask.</summary>
        public void Gather(int calls) => (_missing, _gathered) = (calls, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

        public async Task<HttpResponseMessage> AnswerAsync(UpstreamCall call, CancellationToken cancellation)
        {
            if (_gathered is { } gathered)
            {
                if (Interlocked.Decrement(ref _missing) == 0)
                {
                    gathered.SetResult();
                }
                await gathered.Task.WaitAsync(cancellation);
                return InProcessUpstream.Json(Answers.Chat);
            }
            var random = new Random(Interlocked.Increment(ref _seed));
            await Pause.AnyAsync(random, cancellation);
            switch (random.Next(10))
            {
                case 0:
                    throw new HttpRequestException(HttpRequestError.ConnectionError, "refused");
                case 1:
                    return InProcessUpstream.Json(Answers.Error("boom"), random.Next(2) == 0 ? 500 : 429);
                case 2:
                    await Task.Delay(Timeout.Infinite, cancellation);
                    throw new NotSupportedException();
            }
            return call.Stream ? InProcessUpstream.Events(Body(random)) : InProcessUpstream.Json(Answers.Chat);
        }

        private ScriptedBody Body(Random random)
        {
            Interlocked.Increment(ref _open);
            int breaks = random.Next(12);
            int at = 0;
            return new ScriptedBody(async (buffer, cancellation) =>
            {
                await Pause.AnyAsync(random, cancellation);
                if (at == breaks)
                {
                    return random.Next(2) == 0 ? throw new IOException("broke") : await SilenceAsync(cancellation);
                }
                if (buffer.IsEmpty || at == Pieces.Length)
                {
                    return 0;
                }
                Pieces[at].CopyTo(buffer);
                return Pieces[at++].Length;
            }, () => Interlocked.Decrement(ref _open));
        }

        private static async Task<int> SilenceAsync(CancellationToken cancellation)
        {
            await Task.Delay(Timeout.Infinite, cancellation);
            return 0;
        }
    }

    private static class Pause
    {
        /// <summary>None, a turn of others, or a few milliseconds.</summary>
        public static async Task AnyAsync(Random random, CancellationToken cancellation)
        {
            switch (random.Next(4))
            {
                case 0:
                    await Task.Yield();
                    break;
                case 1:
                    await Task.Delay(random.Next(1, 6), cancellation);
                    break;
                case 2 when random.Next(8) == 0:
                    await Task.Delay(random.Next(40, 80), cancellation);
                    break;
            }
        }
    }

    /// <summary>Throws what its contract knows nothing of.</summary>
    private sealed class Forgetful : IResponseStore
    {
        public bool Enabled => true;

        public ValueTask<StoredResponse?> LoadAsync(string id, string keyId, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask<bool> SaveAsync(StoredResponse response) => throw new KeyNotFoundException("Nobody thought of this.");

        public ValueTask<bool> ClaimUsageAsync(string id, string keyId, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask<bool> DeleteAsync(string id, string keyId, CancellationToken cancellation) => throw new NotSupportedException();
    }
}
