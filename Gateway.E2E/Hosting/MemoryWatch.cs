namespace Gateway.E2E.Hosting;

/// <summary>Looks at a process's memory many times a second, from its making to its disposal.</summary>
internal sealed class MemoryWatch : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;

    public MemoryWatch(RunningGateway gateway)
    {
        Before = Most = gateway.ResidentBytes;
        _watching = Task.Run(async () =>
        {
            while (!_stop.IsCancellationRequested)
            {
                Most = Math.Max(Most, gateway.ResidentBytes);
                await Task.Delay(20);
            }
        });
    }

    public long Before { get; }
    public long Most { get; private set; }

    /// <summary>In mebibytes.</summary>
    public long Growth => (Most - Before) >> 20;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }
}
