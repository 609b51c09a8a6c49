using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.E2E.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace Gateway.E2E.Console;

/// <summary>From a promise to a post-mortem: a target, a rule that tells a webhook, a backend that breaks, the alert, the incident.</summary>
public sealed class HealthStoryTests(ChromiumBrowser browser) : IClassFixture<ChromiumBrowser>, IAsyncLifetime
{
    private readonly RunningGateway _gateway = new() { Settings = { ["Gateway__Upstreams__Breaker__ConsecutiveFailures"] = "3", ["Gateway__Upstreams__MaxRetries"] = "0" } };
    private readonly ConcurrentQueue<JsonNode> _told = [];
    private WebApplication _sink = null!;

    public async ValueTask InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _sink = builder.Build();
        _sink.MapPost("/hook", async (HttpContext context) => _told.Enqueue((await JsonNode.ParseAsync(context.Request.Body))!));
        await _sink.StartAsync();
        await _gateway.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _sink.DisposeAsync();
    }

    [Fact]
    public async Task Backend_Broken_AlertsAndBecomesAnIncident()
    {
        await using ConsolePage console = await browser.OpenAsync(_gateway);
        IPage page = console.Page;
        await console.SignInAsync();

        await console.GoAsync("/operations");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set targets" }).First.ClickAsync();
        ILocator dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Model").SelectOptionAsync("sim-chat");
        await dialog.GetByLabel("Calls that may fail").FillAsync("1");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Set targets" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Article, new() { Name = "sim-chat" })).ToContainTextAsync("no traffic");

        await page.GetByRole(AriaRole.Navigation, new() { Name = "Health" }).GetByRole(AriaRole.Link, new() { Name = "Alerts" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Add channel" }).First.ClickAsync();
        await dialog.GetByLabel("Name").FillAsync("on call");
        await dialog.GetByLabel("URL").FillAsync(_sink.Urls.First() + "/hook");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Add channel" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Test", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByText("on call took the test")).ToBeVisibleAsync();
        _told.ShouldHaveSingleItem()["event"]!.GetValue<string>().ShouldBe("test");

        await page.GetByRole(AriaRole.Button, new() { Name = "Add rule" }).First.ClickAsync();
        await dialog.GetByLabel("Name").FillAsync("A circuit is open");
        await dialog.GetByLabel("Watch", new() { Exact = true }).SelectOptionAsync("open_circuits");
        await dialog.GetByLabel("on call").CheckAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Add rule" }).ClickAsync();
        ILocator rule = page.GetByRole(AriaRole.Row).Filter(new() { HasText = "A circuit is open" });
        await Assertions.Expect(rule).ToContainTextAsync("quiet");

        await _gateway.CreateAsync("chaos", new { fault = "server_error", provider = "simulated", seconds = 600 });
        await BreakAsync();
        await Assertions.Expect(rule).ToContainTextAsync("firing");
        await Assertions.Expect(page.GetByText("on call was told").First).ToBeVisibleAsync();
        _told.Last()["event"]!.GetValue<string>().ShouldBe("fired");
        _told.Last()["text"]!.GetValue<string>().ShouldContain("simulated sim-chat");
        (await console.FindProblemsAsync()).ShouldBeEmpty();

        // What happened is written down in the background, after it was told.
        await Eventually.TrueAsync(async () => (await _gateway.GetAsync("events?limit=50")).ToJsonString().Contains("alert.fired", StringComparison.Ordinal));
        await page.GetByRole(AriaRole.Link, new() { Name = "Write the incident of A circuit is open" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Write incident" }).ClickAsync();
        ILocator draft = page.GetByLabel("Draft of the post-mortem in Markdown");
        await Assertions.Expect(draft).ToContainTextAsync("The circuit of simulated sim-chat opened");
        await Assertions.Expect(draft).ToContainTextAsync("A fault on purpose began on simulated");
        await Assertions.Expect(draft).ToContainTextAsync("The alert A circuit is open fired");
        IDownload download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Button, new() { Name = "Download" }).ClickAsync());
        download.SuggestedFilename.ShouldEndWith(".md");
        (await File.ReadAllTextAsync((await download.PathAsync())!, TestContext.Current.CancellationToken)).ShouldBe(await draft.InnerTextAsync());
        (await console.FindProblemsAsync()).ShouldBeEmpty();
        await console.GoAsync("/operations?tab=backends");
        await Assertions.Expect(page.GetByRole(AriaRole.Article, new() { Name = "simulated sim-chat" }).GetByRole(AriaRole.Img)).ToHaveAttributeAsync("aria-label", new System.Text.RegularExpressions.Regex("circuit open"));
        console.ShouldBeWithoutComplaints();
    }

    private async Task BreakAsync()
    {
        using var client = new HttpClient(new SocketsHttpHandler());
        client.DefaultRequestHeaders.Add("Authorization", "Bearer " + _gateway.Key);
        for (int i = 0; i < 4; i++)
        {
            using HttpResponseMessage answer = await client.PostAsJsonAsync($"{_gateway.Url}/v1/chat/completions", new { model = "sim-chat", messages = new[] { new { role = "user", content = "hi" } } }, TestContext.Current.CancellationToken);
            ((int)answer.StatusCode).ShouldBeGreaterThanOrEqualTo(500);
        }
    }
}
