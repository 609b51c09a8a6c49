using System.Net;
using Gateway.Tests.Administration;
using Gateway.Tests.Configuration;
using Gateway.Web.Configuration;
using Gateway.Web.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Hosting;

/// <summary>Who may say who the client is, and whose pages may call.</summary>
public sealed class DoorTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, "127.0.0.1 http")]
    [InlineData("10.0.0.0/8", "127.0.0.1 http")]
    [InlineData("127.0.0.0/8", "198.51.100.7 https")]
    [InlineData("127.0.0.0/8,198.51.100.0/24", "203.0.113.9 https")]
    public async Task Forwarded_IsBelievedFromTrustedProxiesOnly(string? trusted, string seen)
    {
        await using WebApplication app = await StartAsync(trusted is null ? [] : [$"--Gateway:Server:TrustedProxies={trusted}"]);
        using HttpClient client = ClientOf(app);
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.9, 198.51.100.7");
        client.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        client.DefaultRequestHeaders.Add("X-Forwarded-Host", "evil.example");

        (await client.GetStringAsync("/v1/who", Cancel)).ShouldBe($"{seen} 127.0.0.1");
    }

    [Theory]
    [InlineData("https://app.example.com", "/v1/who", "https://app.example.com")]
    [InlineData("https://other.example.com", "/v1/who", null)]
    [InlineData("https://app.example.com", "/admin/v1/who", null)]
    public async Task CrossOrigin_IsAllowedToNamedOriginsOnTheDataPlane(string origin, string path, string? allowed)
    {
        await using WebApplication app = await StartAsync(["--Gateway:Server:CorsOrigins=https://app.example.com"]);
        using HttpClient client = ClientOf(app);
        using var preflight = new HttpRequestMessage(HttpMethod.Options, path)
        {
            Headers = { { "Origin", origin }, { "Access-Control-Request-Method", "POST" }, { "Access-Control-Request-Headers", "authorization,content-type" } },
        };
        using HttpResponseMessage asked = await client.SendAsync(preflight, Cancel);
        AllowedBy(asked).ShouldBe(allowed);
        using var call = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Origin", origin } } };
        using HttpResponseMessage answer = await client.SendAsync(call, Cancel);

        AllowedBy(answer).ShouldBe(allowed);
        if (allowed is not null)
        {
            asked.StatusCode.ShouldBe(HttpStatusCode.NoContent);
            answer.Headers.GetValues("Access-Control-Expose-Headers").Single().ShouldContain("X-Request-ID");
            asked.Headers.Contains("Access-Control-Allow-Credentials").ShouldBeFalse();
        }
    }

    // The data plane's routes once answered before either of the two was asked, and browsers were told 405.
    [Theory]
    [InlineData("/v1/chat/completions")]
    [InlineData("/v1beta/models/m:generateContent")]
    [InlineData("/upload/v1beta/files")]
    [InlineData("/openai/v1/responses")]
    public async Task CrossOrigin_OfTheProduct_IsAnsweredBeforeItsRoutes(string path)
    {
        await using var product = new TestProduct();
        product.Settings["Gateway:Server:CorsOrigins"] = "https://app.example.com";
        HttpClient client = await product.StartAsync();
        using var preflight = new HttpRequestMessage(HttpMethod.Options, path)
        {
            Headers = { { "Origin", "https://app.example.com" }, { "Access-Control-Request-Method", "POST" }, { "Access-Control-Request-Headers", "authorization" } },
        };
        using HttpResponseMessage asked = await client.SendAsync(preflight, Cancel);
        using var call = new HttpRequestMessage(HttpMethod.Post, path) { Headers = { { "Origin", "https://app.example.com" } } };
        using HttpResponseMessage refused = await client.SendAsync(call, Cancel);

        (asked.StatusCode, AllowedBy(asked)).ShouldBe((HttpStatusCode.NoContent, "https://app.example.com"));
        // So that a page can read why.
        (refused.StatusCode, AllowedBy(refused)).ShouldBe((HttpStatusCode.Unauthorized, "https://app.example.com"));
    }

    [Fact]
    public async Task Forwarded_OfTheProduct_IsKnownToItsRoutes()
    {
        await using var upstream = ScriptedUpstream.Json("""{"id":"msgbatch_1","results_url":"https://api.anthropic.com/v1/messages/batches/msgbatch_1/results"}""");
        await using var product = new TestProduct { OnSocket = true };
        product.Settings["Gateway:Server:TrustedProxies"] = "127.0.0.0/8";
        product.Settings["Gateway:Auth:Disabled"] = "true";
        HttpClient client = await product.StartAsync();
        await client.PostAsync("/admin/v1/providers", $$"""{"name":"claude","kind":"anthropic","base_url":"{{upstream.Url}}"}""");
        client.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.9");

        string batch = await client.GetStringAsync("/v1/messages/batches/msgbatch_1", Cancel);

        batch.ShouldContain($"\"https://{client.BaseAddress!.Authority}/v1/messages/batches/msgbatch_1/results");
    }

    [Theory]
    [InlineData("--Gateway:Server:CorsOrigins=https://app.example.com/")]
    [InlineData("--Gateway:Server:CorsOrigins=app.example.com")]
    [InlineData("--Gateway:Server:TrustedProxies=proxy.example.com")]
    public void Settings_ThatDoNotFit_StopTheStart(string setting)
    {
        using var configuration = new TestConfiguration();

        Should.Throw<GatewayConfigurationException>(() => configuration.Read(setting)).Message.ShouldContain(setting.Split('=')[0][2..]);
    }

    private static string? AllowedBy(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("Access-Control-Allow-Origin", out IEnumerable<string>? values) ? values.Single() : null;

    private static async Task<WebApplication> StartAsync(string[] settings)
    {
        using var configuration = new TestConfiguration();
        GatewaySettings read = configuration.Read(settings).Settings;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddCrossOrigin(read);
        WebApplication app = builder.Build();
        app.UseTrustedProxies(read);
        app.UseCrossOrigin(read);
        foreach (string path in (string[])["/v1/who", "/admin/v1/who"])
        {
            app.MapGet(path, (HttpContext c) => $"{c.Connection.RemoteIpAddress} {c.Request.Scheme} {c.Request.Host.Host}");
        }
        await app.StartAsync(Cancel);
        return app;
    }

    private static HttpClient ClientOf(WebApplication app) => new(new SocketsHttpHandler { UseProxy = false })
    {
        BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()),
    };
}
