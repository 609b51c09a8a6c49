using System.Net.Http.Json;
using System.Text.Json;
using Gateway.Core.Catalog;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.Tests.Administration;

/// <summary>The whole product in this process, with an empty data directory of its own.</summary>
internal sealed class TestProduct : WebApplicationFactory<Program>
{
    public const string AdminKey = "the-admin-key-of-the-test";

    private readonly bool _ownsDirectory;

    public TestProduct(string? dataDirectory = null)
    {
        _ownsDirectory = dataDirectory is null;
        DataDirectory = dataDirectory ?? Directory.CreateTempSubdirectory("gateway-product-").FullName;
    }

    public string DataDirectory { get; }
    public string EnvironmentName { get; init; } = "Production";

    /// <summary>Serves on a port of its own, by the product's own server, instead of in memory.</summary>
    public bool OnSocket { get; init; }

    /// <summary>What stands beside the product's own services.</summary>
    public Action<IServiceCollection>? Beside { get; init; }

    public Dictionary<string, string> Settings { get; } = new()
    {
        ["Gateway:AdminKey"] = AdminKey,
        ["Gateway:Admin:Password"] = "the-password-of-the-test",
        ["Gateway:Telemetry:RequestLog"] = "false",
        // Nobody sends traffic that would have to look elsewhere first.
        ["Gateway:Shutdown:Delay"] = "1ms",
        ["Gateway:Telemetry:LogLevel"] = "error",
        ["Gateway:Upstreams:AllowedNetworks"] = "127.0.0.0/8",
    };

    public GatewayCatalog Catalog => Services.GetRequiredService<GatewayCatalog>();

    /// <summary>Starts it and waits until the database was read.</summary>
    public async Task<HttpClient> StartAsync()
    {
        if (OnSocket)
        {
            Settings["Gateway:Host"] = "127.0.0.1";
            Settings["Gateway:Port"] = "0";
            UseKestrel();
            StartServer();
        }
        var options = new WebApplicationFactoryClientOptions { AllowAutoRedirect = false };
        if (OnSocket)
        {
            options.BaseAddress = new Uri(Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        }
        HttpClient client = CreateClient(options);
        client.DefaultRequestHeaders.Add("X-Admin-Key", AdminKey);
        await Catalog.Loaded.WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);
        return client;
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment(EnvironmentName);
        builder.UseSetting("Gateway:DataDirectory", DataDirectory);
        foreach ((string key, string value) in Settings)
        {
            builder.UseSetting(key, value);
        }
        if (Beside is not null)
        {
            builder.ConfigureServices(Beside);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        // The program's own disposal of the host runs beside the factory's.
        string journalLock = Path.Combine(DataDirectory, "journal", "journal.lock");
        await Eventually.TrueAsync(() => !File.Exists(journalLock) || IsFree(journalLock));
        if (_ownsDirectory)
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            Directories.Remove(DataDirectory);
        }
    }

    private static bool IsFree(string file)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}

/// <summary>Talking JSON to the admin API.</summary>
internal static class AdminClient
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Sends a body as it stands and checks the status.</summary>
    public static async Task<JsonElement> SendAsync(this HttpClient client, HttpMethod method, string path, int status, string? json = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (json is not null)
        {
            request.Content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        }
        using HttpResponseMessage answer = await client.SendAsync(request, Cancel);
        string body = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(status == (int)answer.StatusCode, $"{method} {path}: {(int)answer.StatusCode} instead of {status}: {body}");
        if (status >= 400)
        {
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        }
        return body.Length == 0 ? default : JsonElement.Parse(body);
    }

    public static Task<JsonElement> PostAsync(this HttpClient client, string path, string json, int status = 201) => client.SendAsync(HttpMethod.Post, path, status, json);

    public static Task<JsonElement> PutAsync(this HttpClient client, string path, string json, int status = 200) => client.SendAsync(HttpMethod.Put, path, status, json);

    public static Task<JsonElement> GetAsync(this HttpClient client, string path, int status) => client.SendAsync(HttpMethod.Get, path, status);

    public static string Id(this JsonElement entity) => entity.GetProperty("id").GetString()!;

    /// <summary>The paths of a problem's errors.</summary>
    public static string[] Paths(this JsonElement problem) => [.. problem.GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("path").GetString()!)];

    /// <summary>A chat call with a client key.</summary>
    public static async Task<int> ChatAsync(this HttpClient client, string key, string model)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = JsonContent.Create(new { model, messages = new[] { new { role = "user", content = "hi" } } }),
            Headers = { { "Authorization", "Bearer " + key } },
        };
        await request.Content.LoadIntoBufferAsync(Cancel);
        using HttpResponseMessage answer = await client.SendAsync(request, Cancel);
        return (int)answer.StatusCode;
    }
}
