namespace Gateway.Web.Cluster.Redis;

/// <summary>Listens to one channel on a connection of its own, for as long as it runs; quietly, since <see cref="RedisLink"/> tells of outages.</summary>
/// <param name="heard">Is handed each message's text; must not block.</param>
/// <param name="mayHaveMissed">Called after every subscription, the first included: what was published before did not arrive.</param>
internal sealed class RedisSubscription(RedisDialer dialer, string channel, Action<string> heard, Action mayHaveMissed, TimeProvider time, Random random)
{
    // A connection that died without a word is noticed by a ping that stays unanswered.
    private static readonly TimeSpan Ping = TimeSpan.FromSeconds(1);

    /// <summary>Ends when it is cancelled, or with what the receiver threw.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(random);
        while (true)
        {
            (RedisConnection? connection, _) = await dialer.OpenAsync(message => heard(message.Items[2].Text), cancellationToken);
            if (connection is not null)
            {
                await using RedisConnection owned = connection;
                RedisReply reply = await connection.SendAsync(new RespCommand("SUBSCRIBE", channel));
                if (reply.IsAnswer)
                {
                    backoff.Reset();
                    mayHaveMissed();
                }
                while (reply.IsAnswer)
                {
                    await Task.WhenAny(connection.Closed, Task.Delay(Ping, time, cancellationToken));
                    cancellationToken.ThrowIfCancellationRequested();
                    reply = await connection.SendAsync(new RespCommand("PING"));
                }
            }
            await Task.Delay(backoff.Next(), time, cancellationToken);
        }
    }
}
