using System.Net;
using System.Text;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Failover;
using Gateway.Core.Relay;
using Gateway.Core.Routing;
using Gateway.Providers;
using Gateway.Providers.Http;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Providers;

/// <summary>Calls an adapter by itself, over a real socket.</summary>
internal static class AdapterBench
{
    public const string Secret = "sk-upstream-secret";

    public static readonly GatewayOptions Options = new() { AllowedNetworks = [IPNetwork.Parse("127.0.0.0/8")] };

    public static Provider ProviderOf(ProviderKind kind, Uri? url, string secret = Secret, params (string Name, string Value)[] settings)
    {
        var catalog = new GatewayCatalog();
        catalog.Replace(new CatalogDefinition
        {
            Providers = [new ProviderDefinition
            {
                Id = "p",
                Name = "p",
                Kind = kind,
                BaseUrl = url?.ToString(),
                Credentials = secret.Length == 0 ? [] : [new CredentialDefinition { Id = "c", Label = "main", Secret = secret }],
                Settings = settings.ToDictionary(s => s.Name, s => s.Value),
            }],
        }).ShouldBeEmpty();
        return catalog.Current.Providers["p"];
    }

    public static IProviderAdapter AdapterOf(ProviderKind kind, TimeProvider? time = null) =>
        new ProviderRegistry(() => Options, time ?? TimeProvider.System).Find(kind)!;

    public static UpstreamCall CallOf(Provider provider, Operation operation, bool stream = false, string model = "the-model", string body = """{"x":1}""", params (string Name, string Value)[] headers) => new()
    {
        Backend = new Backend { Id = "b", Provider = provider, UpstreamModel = model, UpstreamModelJson = Encoding.UTF8.GetBytes($"\"{model}\""), State = new BackendState() },
        Credential = provider.Credentials.Count > 0 ? provider.Credentials[0] : null,
        Operation = operation,
        Body = new SplicedBody(Encoding.UTF8.GetBytes(body), [], 0),
        Stream = stream,
        Headers = [.. headers.Select(h => new KeyValuePair<string, string>(h.Name, h.Value))],
        RequestId = "req-1",
    };

    /// <summary>What the upstream sees of one call.</summary>
    public static async Task<SeenRequest> SeenAsync(
        ProviderKind kind,
        Operation operation,
        string path = "",
        bool stream = false,
        string model = "the-model",
        string secret = Secret,
        (string Name, string Value)[]? settings = null,
        (string Name, string Value)[]? headers = null,
        TimeProvider? time = null)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json("{}");
        Provider provider = ProviderOf(kind, new Uri(upstream.Url.GetLeftPart(UriPartial.Authority) + path), secret, settings ?? []);
        UpstreamCall call = CallOf(provider, operation, stream, model, headers: headers ?? []);
        using HttpResponseMessage response = await AdapterOf(kind, time).SendAsync(call, TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        SeenRequest seen = upstream.Seen.ShouldHaveSingleItem();
        seen.Body.ShouldBe("""{"x":1}""");
        seen.Headers["Content-Type"].ShouldBe("application/json");
        seen.Headers["X-Request-ID"].ShouldBe("req-1");
        return seen;
    }

    /// <summary>A connection pool that may reach this machine.</summary>
    public static UpstreamConnections Connections() => new(() => Options);
}
