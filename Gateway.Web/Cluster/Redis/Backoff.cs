namespace Gateway.Web.Cluster.Redis;

/// <summary>Pauses between attempts to connect: from 50 ms, doubling, to one second, each up to half shorter by chance.</summary>
internal struct Backoff(Random random)
{
    private int _attempts;

    public TimeSpan Next()
    {
        double most = Math.Min(1000, 50 * Math.Pow(2, _attempts));
        _attempts = Math.Min(_attempts + 1, 10);
        return TimeSpan.FromMilliseconds(most * (1 - (random.NextDouble() / 2)));
    }

    public void Reset() => _attempts = 0;
}
