namespace Gateway.Core.Load;

/// <summary>One who waits for a place.</summary>
internal sealed class Waiter(string caller, int priority)
{
    /// <summary>Whose turn it is among those who wait.</summary>
    public string Caller => caller;

    /// <summary>Lower goes first.</summary>
    public int Priority => priority;

    /// <summary>When it first came; who has to wait again keeps it.</summary>
    public long Order { get; set; }

    /// <summary>True when its turn has come, false when it gave up.</summary>
    public TaskCompletionSource<bool> Called { get; private set; } = NewTurn();

    /// <summary>It was called and found no place after all.</summary>
    public void WaitAgain() => Called = NewTurn();

    private static TaskCompletionSource<bool> NewTurn() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
