using System.Collections.Concurrent;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Health;

namespace Gateway.Web.Health;

/// <summary>
/// Looks after the providers whose setting <c>health_check</c> says so: a few at a time, each in its own rhythm with some
/// jitter, and never in a request's way.
/// </summary>
internal sealed partial class HealthChecker(
    GatewayCatalog catalog, HealthProbe probe, Func<GatewayOptions> options, Random random, TimeProvider time, ILogger<HealthChecker> logger) : BackgroundService
{
    private const int MostAtOnce = 8;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan WhileDown = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Schedule> _schedules = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _places = new(MostAtOnce);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                LookAround(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    public override void Dispose()
    {
        _places.Dispose();
        base.Dispose();
    }

    private void LookAround(CancellationToken stopping)
    {
        DateTimeOffset now = time.GetUtcNow();
        CheckSettings all = options().Checks;
        foreach (Provider provider in catalog.Current.AllProviders)
        {
            if (!provider.Active || provider.HealthCheck.IsOff(all))
            {
                if (_schedules.TryRemove(provider.Id, out _))
                {
                    provider.State.Check.Forget();
                }
                continue;
            }
            Schedule schedule = _schedules.GetOrAdd(provider.Id, static _ => new Schedule());
            if (schedule.IsDue(now, provider.HealthCheck) && _places.Wait(0, CancellationToken.None))
            {
                schedule.Begin();
                _ = CheckAsync(provider, schedule, stopping);
            }
        }
    }

    private async Task CheckAsync(Provider provider, Schedule schedule, CancellationToken stopping)
    {
        CheckSettings settings = provider.HealthCheck.Over(options().Checks);
        try
        {
            CheckResult result = await probe.CheckAsync(provider, settings.Timeout, stopping);
            CheckStatus status = provider.State.Check;
            if (status.Note(result, settings.HealthyThreshold, settings.UnhealthyThreshold))
            {
                Tell(provider.Name, status.IsDown, result.Message);
            }
            if (result.Ok && !status.IsDown)
            {
                LetIn(provider);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The process ends.
        }
        catch (Exception e)
        {
            LogFault(provider.Name, e);
        }
        finally
        {
            schedule.End(time.GetUtcNow() + Pause(settings.Interval, provider));
            _places.Release();
        }
    }

    // A circuit that traffic opened need not wait for the end of its pause when the upstream is seen to be well.
    private void LetIn(Provider provider)
    {
        long now = (long)time.GetElapsedTime(0).TotalMilliseconds;
        foreach (Backend backend in catalog.Current.Backends.Values)
        {
            if (backend.Provider.State == provider.State)
            {
                backend.State.Breaker.Suspect(now);
            }
        }
    }

    private TimeSpan Pause(TimeSpan interval, Provider provider)
    {
        HealthCheckSettings check = provider.HealthCheck;
        if (provider.State.Check.IsDown && check.Kind != HealthCheckKind.Completion && interval > WhileDown)
        {
            // Whoever is out should be back soon after it is well, however many successes that takes.
            interval = WhileDown;
        }
        double jitter;
        lock (random)
        {
            jitter = 0.9 + (0.2 * random.NextDouble());
        }
        // What is paid for is spread over the day.
        TimeSpan paid = TimeSpan.FromDays(1) / Math.Max(1, check.DailyMost);
        return (check.Kind == HealthCheckKind.Completion && paid > interval ? paid : interval) * jitter;
    }

    private void Tell(string provider, bool down, string message)
    {
        if (down)
        {
            LogDown(provider, message);
        }
        else
        {
            LogUp(provider, message);
        }
    }

    /// <summary>When a provider is looked at next. Begun by the loop, ended by the check.</summary>
    private sealed class Schedule
    {
        private DateTimeOffset _due = DateTimeOffset.MinValue;
        private DateTimeOffset _day;
        private int _today;
        private volatile bool _running;

        public bool IsDue(DateTimeOffset now, HealthCheckSettings check)
        {
            if (_running || now < _due)
            {
                return false;
            }
            if (now - _day >= TimeSpan.FromDays(1))
            {
                (_day, _today) = (now, 0);
            }
            return check.Kind != HealthCheckKind.Completion || _today < check.DailyMost;
        }

        public void Begin()
        {
            _running = true;
            _today++;
        }

        public void End(DateTimeOffset due)
        {
            _due = due;
            _running = false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "The health check of the provider {Provider} fails; it gets no calls until it is well again: {Reason}")]
    private partial void LogDown(string provider, string reason);

    [LoggerMessage(LogLevel.Information, "The provider {Provider} is well again: {Reason}")]
    private partial void LogUp(string provider, string reason);

    [LoggerMessage(LogLevel.Error, "A health check of the provider {Provider} failed inside the gateway")]
    private partial void LogFault(string provider, Exception exception);
}
