namespace Gateway.Web.Hosting;

/// <summary>
/// A background service that starts again when it fails. What nobody foresaw, or memory that did not suffice for a moment, must not end
/// the process with all calls in it, which is what the host does by default, nor leave it without this service.
/// </summary>
internal sealed partial class SupervisedService(BackgroundService service, TimeProvider time, ILogger<SupervisedService> logger) : IHostedService, IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    // More than any of them gives itself for what is left to do. A database that is silent heeds no cancelling, and the others are to stop in time.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);

    private readonly CancellationTokenSource _stopping = new();
    private Task _watching = Task.CompletedTask;
    private bool _disposed;

    /// <summary>Puts one in the place of each background service that is registered.</summary>
    public static void WrapAll(IServiceCollection services)
    {
        for (int i = 0; i < services.Count; i++)
        {
            ServiceDescriptor registered = services[i];
            if (registered.ServiceType == typeof(IHostedService))
            {
                services[i] = ServiceDescriptor.Singleton(s => Wrap(s, Create(s, registered)));
            }
        }
    }

    private static IHostedService Wrap(IServiceProvider services, IHostedService service) =>
        service is BackgroundService background ? ActivatorUtilities.CreateInstance<SupervisedService>(services, background) : service;

    private static IHostedService Create(IServiceProvider services, ServiceDescriptor registered) => (IHostedService)(
        registered.ImplementationInstance ?? registered.ImplementationFactory?.Invoke(services) ?? ActivatorUtilities.CreateInstance(services, registered.ImplementationType!));

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await service.StartAsync(cancellationToken);
        _watching = WatchAsync(cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_disposed)
        {
            // A host that was stopped is stopped again when it is disposed.
            return;
        }
        await _stopping.CancelAsync();
        Task stopped = service.StopAsync(cancellationToken);
        try
        {
            await stopped.WaitAsync(Patience, time, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException && !stopped.IsCompleted)
        {
            // What heeds nothing ends with the process.
            LogLeft(service.GetType().Name);
            return;
        }
        await _watching.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose()
    {
        _disposed = true;
        service.Dispose();
        _stopping.Dispose();
    }

    // A start that is given up ends the services that have started: no failure of theirs.
    private async Task WatchAsync(CancellationToken starting)
    {
        Task work = service.ExecuteTask ?? Task.CompletedTask;
        while (true)
        {
            try
            {
                await work;
                return;
            }
            catch (Exception e) when (!_stopping.IsCancellationRequested && !starting.IsCancellationRequested)
            {
                LogFailed(e, service.GetType().Name, Pause.TotalSeconds);
            }
            catch (Exception)
            {
                return;
            }
            await Task.Delay(Pause, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stopping.IsCancellationRequested)
            {
                return;
            }
            work = RestartAsync();
        }
    }

    // The token ends a service that starts again in the very moment in which all are stopped.
    private async Task RestartAsync()
    {
        await service.StartAsync(_stopping.Token);
        await (service.ExecuteTask ?? Task.CompletedTask);
    }

    [LoggerMessage(LogLevel.Warning, "{Service} could not finish what it was doing before the process ended.")]
    private partial void LogLeft(string service);

    [LoggerMessage(LogLevel.Error, "{Service} failed. It starts again in {Seconds} s.")]
    private partial void LogFailed(Exception e, string service, double seconds);
}
