using System.Net;
using System.Text;
using Gateway.Core;
using Gateway.Core.Accounting;
using Gateway.Core.Accounting.Journaling;
using Gateway.Core.Catalog;
using Gateway.Core.Keys;
using Gateway.Core.Live;
using Gateway.Web.Endpoints;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Gateway.Tests.Hosting;

/// <summary>The data plane on a real socket of its own, with a catalog that the test writes and no database.</summary>
internal sealed class TestGateway : IAsyncDisposable
{
    public const string Key = "ml-test-key";

    private readonly WebApplication _app;
    private readonly string _directory;
    private readonly LiveFeed.Watcher _watcher;

    private TestGateway(WebApplication app, string directory)
    {
        _app = app;
        _directory = directory;
        _watcher = app.Services.GetRequiredService<LiveFeed>().Watch();
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = Address };
        Client.DefaultRequestHeaders.Add("Authorization", "Bearer " + Key);
    }

    public Uri Address { get; }

    /// <summary>Sends <see cref="Key"/> with everything.</summary>
    public HttpClient Client { get; }
    public GatewayCatalog Catalog => _app.Services.GetRequiredService<GatewayCatalog>();
    public IServiceProvider Services => _app.Services;
    public GatewayPipeline Pipeline => _app.Services.GetRequiredService<GatewayPipeline>();

    /// <param name="loaded">False: as before the database was read for the first time.</param>
    public static async Task<TestGateway> StartAsync(CatalogDefinition catalog, GatewayOptions? options = null, bool allowLoopback = true, TimeProvider? time = null, Action<IServiceCollection>? configure = null, bool loaded = true)
    {
        string directory = Directory.CreateTempSubdirectory("gateway-test-").FullName;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, endpoint => endpoint.Use(ConnectionKey.Keep)));
        GatewayOptions effective = (options ?? new GatewayOptions { MaxRetries = 0 }) with { AllowedNetworks = allowLoopback ? [IPNetwork.Parse("127.0.0.0/8")] : [] };
        builder.Services.AddSingleton<Func<GatewayOptions>>(() => effective);
        builder.Services.AddGatewayDataPlane(new JournalOptions { Directory = Path.Combine(directory, "journal") }, requestLog: false);
        if (time is not null)
        {
            builder.Services.AddSingleton(time);
        }
        configure?.Invoke(builder.Services);
        WebApplication app = builder.Build();
        var held = app.Services.GetRequiredService<GatewayCatalog>();
        IReadOnlyList<CatalogError> errors = held.Replace(catalog.Keys.Count > 0 ? catalog : catalog with { Keys = [KeyOf(Key)] });
        Assert.Empty(errors);
        if (loaded)
        {
            held.MarkLoaded();
        }
        app.MapHealth();
        app.MapDataPlane();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new TestGateway(app, directory);
    }

    /// <summary>One model named <c>m</c> with a backend for each URL, in order of priority.</summary>
    public static CatalogDefinition ModelOver(params Uri[] upstreams) => new()
    {
        Providers = [.. upstreams.Select((u, i) => new ProviderDefinition
        {
            Id = $"p{i}",
            Name = $"provider-{i}",
            BaseUrl = u.ToString(),
            Credentials = [new CredentialDefinition { Id = $"c{i}", Label = "main", Secret = $"sk-upstream-secret-{i}" }],
        })],
        Models = [new ModelDefinition
        {
            Id = "m",
            Name = "m",
            ModelId = "real-model",
            Backends = [.. upstreams.Select((_, i) => new BackendDefinition { Id = $"b{i}", Provider = $"provider-{i}", Priority = i })],
        }],
    };

    public static ApiKeyDefinition KeyOf(string key, int rpm = 0, int tpm = 0, string[]? models = null) => new()
    {
        Id = key,
        Name = key,
        Prefix = key,
        Hash = KeyHash.OfKey(key),
        RpmLimit = rpm,
        TpmLimit = tpm,
        AllowedModels = models ?? [],
    };

    public Task<HttpResponseMessage> PostAsync(string json, string path = "/v1/chat/completions", HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        return Client.SendAsync(request, completion, TestContext.Current.CancellationToken);
    }

    public Task<HttpResponseMessage> ChatAsync(string more = "") => PostAsync(Body(more));

    /// <summary>A chat request for model <c>m</c>; <paramref name="more"/> is put in as further members.</summary>
    public static string Body(string more = "") =>
        $$"""{"model":"m","messages":[{"role":"user","content":"hello"}]{{(more.Length > 0 ? "," + more : "")}}}""";

    /// <summary>The next finished call's entry in the books.</summary>
    public async Task<UsageRecord> NextRecordAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Eventually.Limit);
        return await _watcher.Records.ReadAsync(limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        _watcher.Dispose();
        Client.Dispose();
        await _app.DisposeAsync();
        Directories.Remove(_directory);
    }
}
