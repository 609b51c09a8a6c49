namespace Gateway.Web.Storage;

/// <summary>Completes when the schema is up to date, so that whoever needs tables can wait for them.</summary>
internal sealed class DatabaseReady
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PatienceAfterFailure = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsReady => _ready.Task.IsCompletedSuccessfully;

    public void Set() => _ready.TrySetResult();

    /// <summary>It was tried once, and is tried again.</summary>
    public void SetFailed() => _failed.TrySetResult();

    /// <summary>For somebody who waits for an answer: as long as the first try takes, but not for long once that has failed.</summary>
    /// <exception cref="TimeoutException">The database has not come up.</exception>
    public async Task WaitForAnswerAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAny(_ready.Task, _failed.Task).WaitAsync(Patience, cancellationToken);
        await _ready.Task.WaitAsync(PatienceAfterFailure, cancellationToken);
    }

    /// <exception cref="TimeoutException">The database has not come up within half a minute.</exception>
    public Task WaitAsync(CancellationToken cancellationToken) => _ready.Task.WaitAsync(Patience, cancellationToken);
}
