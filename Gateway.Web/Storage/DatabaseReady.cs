namespace Gateway.Web.Storage;

/// <summary>Completes when the schema is up to date, so that whoever needs tables can wait for them.</summary>
internal sealed class DatabaseReady
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsReady => _ready.Task.IsCompletedSuccessfully;

    public void Set() => _ready.TrySetResult();

    /// <exception cref="TimeoutException">The database has not come up within half a minute.</exception>
    public Task WaitAsync(CancellationToken cancellationToken) => _ready.Task.WaitAsync(Patience, cancellationToken);
}
