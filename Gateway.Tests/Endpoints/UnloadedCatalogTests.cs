using System.Net;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Endpoints;

/// <summary>A node whose database is away when it starts, so that it knows what its file says and nothing else.</summary>
public sealed class UnloadedCatalogTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("POST", "/v1/chat/completions", "error")]
    [InlineData("POST", "/v1/messages", "error")]
    [InlineData("GET", "/v1/files", "error")]
    [InlineData("GET", "/v1/models", "error")]
    [InlineData("GET", "/v1/models/m", "error")]
    [InlineData("GET", "/v1/responses/resp_1", "error")]
    public async Task Key_ThatIsNotKnownYet_Is503InTheEnvelopeAfterAShortWait(string method, string path, string member)
    {
        await using var upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await StartAsync(upstream);
        gateway.Client.DefaultRequestHeaders.Remove("Authorization");
        gateway.Client.DefaultRequestHeaders.Add("Authorization", "Bearer ml-of-the-database");

        using HttpResponseMessage response = await SendAsync(gateway, method, path, TestGateway.Body());

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        response.Headers.RetryAfter.ShouldNotBeNull();
        JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel)).RootElement.GetProperty(member).GetProperty("message").GetString()!.ShouldContain("starting");
    }

    [Theory]
    [InlineData("POST", "/v1/chat/completions")]
    [InlineData("GET", "/v1/models/of-the-database")]
    [InlineData("GET", "/v1/realtime?model=of-the-database")]
    public async Task Model_ThatIsNotKnownYet_Is503(string method, string path)
    {
        await using var upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await StartAsync(upstream);

        using HttpResponseMessage response = await SendAsync(gateway, method, path, """{"model":"of-the-database","messages":[{"role":"user","content":"hello"}]}""");

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        response.Headers.RetryAfter.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("POST", "/v1/chat/completions")]
    [InlineData("GET", "/v1/files")]
    [InlineData("GET", "/v1/models")]
    [InlineData("GET", "/v1/models/m")]
    public async Task KeyAndModel_OfTheFile_WaitForNothing(string method, string path)
    {
        await using var upstream = ScriptedUpstream.Json(Answers.Chat);
        var time = new ShortWaits();
        await using TestGateway gateway = await StartAsync(upstream, time);

        using HttpResponseMessage response = await SendAsync(gateway, method, path, TestGateway.Body());

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        time.Waits.ShouldBe(0);
    }

    [Fact]
    public async Task NoKey_Is401AtOnce()
    {
        await using var upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await StartAsync(upstream);
        gateway.Client.DefaultRequestHeaders.Remove("Authorization");

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    private static Task<TestGateway> StartAsync(ScriptedUpstream upstream, ShortWaits? time = null)
    {
        CatalogDefinition catalog = TestGateway.ModelOver(upstream.Url);
        return TestGateway.StartAsync(
            catalog with { Providers = [catalog.Providers[0] with { Kind = ProviderKind.OpenAI }] }, time: time ?? new ShortWaits(), loaded: false);
    }

    private static Task<HttpResponseMessage> SendAsync(TestGateway gateway, string method, string path, string body) =>
        method == "POST" ? gateway.PostAsync(body, path) : gateway.Client.GetAsync(path, Cancel);

    /// <summary>Real time, but that nobody has the patience of five seconds.</summary>
    private sealed class ShortWaits : TimeProvider
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
        private int _waits;

        public int Waits => _waits;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime != Patience)
            {
                return base.CreateTimer(callback, state, dueTime, period);
            }
            Interlocked.Increment(ref _waits);
            return base.CreateTimer(callback, state, TimeSpan.FromMilliseconds(50), period);
        }
    }
}
