using Bunit;
using Gateway.Core;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Live;
using Gateway.Tests.Hosting;
using Gateway.Web.Administration;
using Gateway.Web.Components.Pages.Connect;
using Microsoft.AspNetCore.Components;
using Shouldly;
using Xunit;
using TestContext = Xunit.TestContext;

namespace Gateway.Tests.Components;

public sealed class ConnectPageTests : IAsyncLifetime
{
    private ConsoleContext _console = null!;

    public async ValueTask InitializeAsync() => _console = await ConsoleContext.CreateAsync();

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    public static TheoryData<string> Clients => [.. ConnectClients.All.Select(c => c.Id)];

    [Theory]
    [MemberData(nameof(Clients))]
    public void Client_EverySnippet_HoldsWhatIsFilledIn(string id)
    {
        ConnectClient client = ConnectClients.Find(id);
        client.Id.ShouldBe(id);

        string all = string.Join('\n', client.Snippets("https://gw.example.com", "ml-key", "the-model").Select(s => s.Code));

        all.ShouldContain("https://gw.example.com");
        all.ShouldContain("ml-key");
        (all.Contains("the-model", StringComparison.Ordinal) || id == "open-webui").ShouldBeTrue();
        all.ShouldNotContain("{{");
    }

    [Fact]
    public async Task Calls_AsTheyArrive_AreTickedOff()
    {
        await _console.SimulateAsync("m");
        IRenderedComponent<ConnectPage> page = _console.Render<ConnectPage>();
        page.FindAll(".checks-list li").Count.ShouldBe(4);
        page.FindAll(".checks-list .done").ShouldBeEmpty();
        LiveFeed feed = _console.Get<LiveFeed>();

        feed.Publish(new UsageRecord { Id = Guid.NewGuid(), ErrorKind = "unauthenticated", Status = 401 });
        page.WaitForAssertion(() => State(page, "Authentication").ShouldBe("failed"));

        feed.Publish(new UsageRecord { Id = Guid.NewGuid(), KeyId = "k", KeyName = "mine", RequestedModel = "alias", Model = "m", Status = 200, Streamed = true, FinishReason = "tool_calls" });
        page.WaitForAssertion(() => page.FindAll(".checks-list .done").Count.ShouldBe(4));
        page.Markup.ShouldContain("m answered for alias.");

        // What has worked is not taken back by a later failure.
        feed.Publish(new UsageRecord { Id = Guid.NewGuid(), KeyId = "k", ErrorKind = "upstream_timeout", ErrorMessage = "late", Status = 504 });
        await Task.Delay(700, TestContext.Current.CancellationToken);
        page.FindAll(".checks-list .done").Count.ShouldBe(4);
    }

    [Fact]
    public void Calls_OfOtherKeys_AreNotThisClients()
    {
        var progress = new ConnectProgress();
        progress.Take(new UsageRecord { Id = Guid.NewGuid(), KeyId = "other", Model = "m", Status = 200 }, "mine");
        progress.All.ShouldAllBe(c => c.Passed == null);
        progress.Take(new UsageRecord { Id = Guid.NewGuid(), KeyId = "mine", Model = "m", RequestedModel = "m", Status = 404, ErrorKind = "model_not_found", ErrorMessage = "no such model" }, "mine");
        (progress.Authentication.Passed, progress.Model.Passed, progress.Model.Text).ShouldBe((true, false, "no such model"));
    }

    [Fact]
    public void UnknownKeys_OfWhoever_DoNotFailTheChosenOne()
    {
        var progress = new ConnectProgress();
        progress.Take(new UsageRecord { Id = Guid.NewGuid(), ErrorKind = "unauthenticated", Status = 401 }, "mine");
        progress.Authentication.Passed.ShouldBeNull();
        progress.Authentication.Text.ShouldContain("If this client sent it, its key was not copied whole");
        progress.Take(new UsageRecord { Id = Guid.NewGuid(), KeyId = "mine", KeyName = "k", Status = 200 }, "mine");
        progress.Take(new UsageRecord { Id = Guid.NewGuid(), ErrorKind = "unauthenticated", Status = 401 }, "mine");
        progress.Authentication.Text.ShouldBe("The key k was accepted.");
    }

    [Fact]
    public void Address_ChoosesClientAndModel()
    {
        _console.Get<NavigationManager>().NavigateTo("/connect?client=claude-code");
        IRenderedComponent<ConnectPage> page = _console.Render<ConnectPage>();
        page.Find("a[aria-current=true]").TextContent.ShouldBe("Claude Code");
        page.Find("pre").TextContent.ShouldContain("ANTHROPIC_BASE_URL");
        page.Markup.ShouldContain("no model yet");
    }

    [Fact]
    public async Task Model_NotChosen_IsOneThatAnswers()
    {
        await _console.SimulateAsync("alpha", "beta");
        _console.Get<GatewayCatalog>().Current.FindModel("alpha")!.Backends[0].State.Note("upstream_timeout", TimeProvider.System.GetUtcNow());

        IRenderedComponent<ConnectPage> page = _console.Render<ConnectPage>();

        page.Find("#connect-model").GetAttribute("value").ShouldBe("beta");
        page.Find("pre").TextContent.ShouldContain("beta");
    }

    [Fact]
    public async Task Models_AreThoseThatTheChosenKeyMayCall_OfTheDefaultProviderToo()
    {
        await using var upstream = ScriptedUpstream.Json("""{"object":"list","data":[{"id":"llama"},{"id":"qwen"}]}""");
        _console.Options = new GatewayOptions { DefaultProvider = "up", AllowedNetworks = [System.Net.IPNetwork.Parse("127.0.0.0/8")] };
        await _console.SimulateAsync("m", "other");
        await _console.Get<ProviderAdministration>().CreateAsync(new ProviderChange { Name = "up", Kind = "openai-compatible", BaseUrl = upstream.Url.ToString() }, Actor.System, TestContext.Current.CancellationToken);
        await _console.Get<KeyAdministration>().CreateAsync(new KeyChange { Name = "few", AllowedModels = new string[] { "m", "llama" } }, Actor.System, TestContext.Current.CancellationToken);
        _console.Get<NavigationManager>().NavigateTo("/connect?model=qwen");
        IRenderedComponent<ConnectPage> page = _console.Render<ConnectPage>();

        page.WaitForAssertion(() => Models(page).ShouldBe(["m", "other", "llama", "qwen"]));
        page.Find("#connect-model").GetAttribute("value").ShouldBe("qwen");

        await page.InputAsync("#connect-key", "few");
        await page.ClickAsync("[role=option]");
        page.WaitForAssertion(() => Models(page).ShouldBe(["m", "llama"]));
    }

    private static IEnumerable<string?> Models(IRenderedComponent<ConnectPage> page) => page.FindAll("#connect-model option").Select(o => o.GetAttribute("value"));

    private static string? State(IRenderedComponent<ConnectPage> page, string name) => page.Find($"[data-check={name}]").ClassName;
}
