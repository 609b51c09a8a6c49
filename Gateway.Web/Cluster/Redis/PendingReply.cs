namespace Gateway.Web.Cluster.Redis;

/// <summary>A command that is on its way, and whoever waits for its reply.</summary>
internal sealed class PendingReply(ReadOnlyMemory<byte> command)
{
    // What waits must not run on, and so delay, the loop that reads.
    private readonly TaskCompletionSource<RedisReply> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ReadOnlyMemory<byte> Command { get; } = command;

    /// <summary>When it was handed to the socket.</summary>
    public long WrittenAt { get; set; }

    public Task<RedisReply> Reply => _reply.Task;

    public void Complete(in RedisReply reply) => _reply.TrySetResult(reply);
}
