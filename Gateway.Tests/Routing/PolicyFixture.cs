using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Health;
using Gateway.Core.Relay;
using Gateway.Core.Routing.Policies;

namespace Gateway.Tests.Routing;

/// <summary>Backends and contexts for tests of policies.</summary>
internal static class PolicyFixture
{
    public static RoutingContext Context(long nowMs = 0, RequestEnvelope? envelope = null, int seed = 1, PriceTable? prices = null) => new()
    {
        NowMs = nowMs,
        Now = DateTimeOffset.UnixEpoch.AddYears(56),
        Prices = prices ?? new PriceTable([]),
        Breaker = BreakerSettings.Default,
        Random = new Random(seed),
        Envelope = envelope,
    };

    /// <summary>Backends named a, b, c … of one simulated provider, in order of priority.</summary>
    public static Backend[] Backends(params BackendDefinition[] all)
    {
        var definition = new CatalogDefinition
        {
            Providers = [new ProviderDefinition { Id = "p", Name = "p", BaseUrl = "https://api.example.com/v1" }],
            Models = [new ModelDefinition { Id = "m", Name = "m", Backends = [.. all.Select((b, i) => b with { Id = Name(i), Provider = "p" })] }],
        };
        CatalogSnapshot.Build(definition, CatalogSnapshot.Empty, out CatalogSnapshot? snapshot);
        return snapshot!.FindModel("m")!.Backends;
    }

    /// <summary>So many alike.</summary>
    public static Backend[] Alike(int count) => Backends([.. Enumerable.Range(0, count).Select(_ => new BackendDefinition { Id = "" })]);

    public static void Begin(Backend backend, int calls)
    {
        for (int i = 0; i < calls; i++)
        {
            backend.State.TryBegin(0);
        }
    }

    public static RequestEnvelope Envelope(string json)
    {
        EnvelopeReader.Read(Operation.ChatCompletions, System.Text.Encoding.UTF8.GetBytes(json), out RequestEnvelope envelope);
        return envelope;
    }

    private static string Name(int index) => ((char)('a' + index)).ToString();
}
