using Gateway.Tests.Cluster;
using Gateway.Web.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Hosting;

public sealed class SupervisedServiceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Service_ThatFails_StartsAgainAndEndsNobody()
    {
        using var log = new Lines();
        using IHost host = Build(log, TimeSpan.FromMilliseconds(1));
        await host.StartAsync(Cancel);
        Failing service = host.Services.GetRequiredService<Failing>();

        await Eventually.TrueAsync(() => service.Starts == Failing.Failures + 1);
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested.ShouldBeFalse();
        log.Of.Lines.Count(l => l.Contains("Failing failed. It starts again in 5 s.", StringComparison.Ordinal)).ShouldBe(Failing.Failures);

        await host.StopAsync(Cancel);
        service.Ended.ShouldBeTrue();
        log.Of.Lines.Count(l => l.Contains("failed", StringComparison.Ordinal)).ShouldBe(Failing.Failures);
    }

    [Fact]
    public async Task Stop_WhileAServiceIsAboutToStartAgain_StartsItNoMore()
    {
        using var log = new Lines();
        using IHost host = Build(log, TimeSpan.FromDays(1));
        await host.StartAsync(Cancel);
        Failing service = host.Services.GetRequiredService<Failing>();
        await Eventually.TrueAsync(() => log.Of.Lines.Any(l => l.Contains("starts again", StringComparison.Ordinal)));

        await host.StopAsync(Cancel);

        service.Starts.ShouldBe(1);
    }

    [Fact]
    public async Task Stop_OfAServiceThatHeedsNothing_LeavesTimeForTheOthers()
    {
        using var log = new Lines();
        using var deaf = new Deaf();
        using var supervised = new SupervisedService(deaf, new FixedWaits(TimeSpan.FromMilliseconds(1)), log.Of);
        await supervised.StartAsync(Cancel);
        await deaf.Begun.Task.WaitAsync(Eventually.Limit, Cancel);

        await supervised.StopAsync(CancellationToken.None).WaitAsync(Eventually.Limit, Cancel);

        log.Of.Lines.ShouldHaveSingleItem().ShouldContain("Deaf could not finish");
        deaf.End.SetResult();
    }

    [Fact]
    public async Task Service_ThatAnAbandonedStartEnds_HasNotFailed()
    {
        using var log = new Lines();
        using var waiting = new Waiting();
        using var supervised = new SupervisedService(waiting, TimeProvider.System, log.Of);
        using var starting = new CancellationTokenSource();
        await supervised.StartAsync(starting.Token);

        await starting.CancelAsync();
        await waiting.ExecuteTask!.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        await supervised.StopAsync(Cancel);

        log.Of.Lines.ShouldBeEmpty();
    }

    [Fact]
    public async Task Stop_OfAServiceThatHeedsNothing_LastsNoLongerThanTheHostWaits()
    {
        using var log = new Lines();
        using var deaf = new Deaf();
        using var supervised = new SupervisedService(deaf, TimeProvider.System, log.Of);
        await supervised.StartAsync(Cancel);
        await deaf.Begun.Task.WaitAsync(Eventually.Limit, Cancel);
        using var patience = new CancellationTokenSource();
        Task stopping = supervised.StopAsync(patience.Token);
        stopping.IsCompleted.ShouldBeFalse();

        await patience.CancelAsync();

        await stopping.WaitAsync(Eventually.Limit, Cancel);
        deaf.End.SetResult();
    }

    private static IHost Build(Lines log, TimeSpan pause)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Logging.AddProvider(log);
        builder.Services.AddSingleton<TimeProvider>(new FixedWaits(pause)).AddSingleton<Failing>().AddHostedService(s => s.GetRequiredService<Failing>());
        SupervisedService.WrapAll(builder.Services);
        return builder.Build();
    }

    private sealed class Failing : BackgroundService
    {
        public const int Failures = 2;

        private int _starts;

        public int Starts => Volatile.Read(ref _starts);

        public bool Ended { get; private set; }

        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            if (Interlocked.Increment(ref _starts) <= Failures)
            {
                throw new InvalidOperationException("Nobody thought of this.");
            }
            await Task.Delay(Timeout.Infinite, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Ended = true;
        }
    }

    private sealed class Deaf : BackgroundService
    {
        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource End { get; } = new();

        protected override Task ExecuteAsync(CancellationToken stoppingToken)
        {
            Begun.SetResult();
            return End.Task;
        }
    }

    private sealed class Waiting : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Delay(Timeout.Infinite, stoppingToken);
    }

    /// <summary>Whatever is waited for takes as long.</summary>
    private sealed class FixedWaits(TimeSpan wait) : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => System.CreateTimer(callback, state, wait, period);
    }

    private sealed class Lines : ILoggerProvider
    {
        public LogLines<SupervisedService> Of { get; } = new();

        public ILogger CreateLogger(string categoryName) => Of;

        public void Dispose()
        {
        }
    }
}
