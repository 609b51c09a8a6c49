using System.Globalization;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Health;
using Gateway.Core.Routing;
using Gateway.Web.Cluster.Limits;
using Gateway.Web.Cluster.Redis;
using Gateway.Web.Hosting;

namespace Gateway.Web.Cluster;

/// <summary>
/// Tells other nodes when a circuit opened or closed here by calls or by an operator, and heeds what they tell. A word that is lost costs
/// nothing but what every node finds out by its own calls. What the words are worth is the circuit's to decide.
/// </summary>
/// <param name="nodeName">For people: where a word came from.</param>
internal sealed class SharedHealth(
    GatewayCatalog catalog, Func<GatewayOptions> options, RedisLink link, RedisDialer dialer, string nodeName, TimeProvider time, Random random) : BackgroundService
{
    public const string Channel = LimitKeys.Prefix + "health";

    // How much later than the first node the others know.
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    // A channel hears its own words, too. Names are people's to choose, and not always different.
    private readonly string _self = Guid.NewGuid().ToString("N")[..8];
    private readonly Dictionary<string, int> _told = new(StringComparer.Ordinal);

    private long NowMs => (long)time.GetElapsedTime(0).TotalMilliseconds;

    /// <summary>An operator closed the backend's circuit: it closes on every node.</summary>
    public void TellClosed(string backend) => Tell(Word.Close, 0, backend);

    /// <summary>An operator keeps calls away from the backend: every node does.</summary>
    public void TellSetAside(string backend, TimeSpan pause) => Tell(Word.SetAside, (long)pause.TotalMilliseconds, backend);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var subscription = new RedisSubscription(dialer, Channel, Hear, static () => { }, time, random);
        try
        {
            await LoopPair.RunAsync(subscription.RunAsync, TellFlipsAsync, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    private async Task TellFlipsAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Tick, time);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            TellFlips();
        }
    }

    private void TellFlips()
    {
        long now = NowMs;
        foreach ((string id, string _, BackendState state) in catalog.Current.BackendStates())
        {
            BreakerFlip? last = null;
            foreach (BreakerFlip flip in state.Breaker.FlipsSince(_told.GetValueOrDefault(id)))
            {
                _told[id] = flip.Number;
                last = flip;
            }
            if (last is { Witness: BreakerWitness.Calls, To: BreakerState.Open or BreakerState.Closed })
            {
                Tell(last.To == BreakerState.Open ? Word.Opened : Word.Closed, state.Breaker.WaitMs(now), id);
            }
        }
    }

    private void Tell(Word word, long pauseMs, string backend) =>
        _ = link.SendAsync(new RespCommand("PUBLISH", Channel, string.Create(CultureInfo.InvariantCulture, $"{_self} {word} {pauseMs} {nodeName.Replace(' ', '_')} {backend}")));

    // From a channel that others can write to: what is no word of a node is passed over.
    private void Hear(string text)
    {
        string[] parts = text.Split(' ', 5);
        if (parts is [var self, var said, var ms, var node, var id] && self != _self
            && Enum.TryParse(said, out Word word) && long.TryParse(ms, NumberStyles.None, CultureInfo.InvariantCulture, out long pauseMs)
            && catalog.Current.BackendStates().FirstOrDefault(b => b.Id == id) is { State: { } state })
        {
            Heed(word, TimeSpan.FromMilliseconds(Math.Min(pauseMs, TimeSpan.MillisecondsPerDay)), node, state.Breaker);
        }
    }

    private void Heed(Word word, TimeSpan pause, string node, CircuitBreaker breaker)
    {
        switch (word)
        {
            case Word.Opened:
                breaker.HearOpened(NowMs, pause, $"node {node} saw its calls fail", options().Breaker);
                break;
            case Word.Closed:
                breaker.HearClosed(NowMs, $"node {node} saw a call go well");
                break;
            case Word.Close:
                breaker.CloseByHand(NowMs);
                break;
            case Word.SetAside:
                breaker.SetAside(NowMs, pause);
                break;
        }
    }

    private enum Word
    {
        Opened,
        Closed,
        Close,
        SetAside,
    }
}
