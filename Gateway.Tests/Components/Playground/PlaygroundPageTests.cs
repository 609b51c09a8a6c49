using Bunit;
using Gateway.Core.Catalog;
using Gateway.Web.Administration;
using Gateway.Web.Administration.Conversations;
using Gateway.Web.Components.Pages.Playground;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;
using TestContext = Xunit.TestContext;

namespace Gateway.Tests.Components.Playground;

public sealed class PlaygroundPageTests
{
    [Fact]
    public async Task Send_WithAKeyThatIsGone_SaysSoAndKeepsTheMessage()
    {
        // Nothing is called, so there is nothing to call with.
        await using ConsoleContext console = await ConsoleContext.CreateAsync(s => s.AddSingleton(c => new TurnRunner(null!, null!, null!, c.GetRequiredService<GatewayCatalog>(), TimeProvider.System)));
        await console.SimulateAsync("alpha");
        KeyAdministration keys = console.Get<KeyAdministration>();
        string chosen = (await keys.CreateAsync(new KeyChange { Name = "a" }, Actor.System, TestContext.Current.CancellationToken)).Value!.ApiKey.Id;
        await keys.CreateAsync(new KeyChange { Name = "b" }, Actor.System, TestContext.Current.CancellationToken);
        IRenderedComponent<PlaygroundPage> page = console.Render<PlaygroundPage>();
        await page.InputAsync("textarea[aria-label=Message]", "Hello");
        await keys.RevokeAsync(chosen, Actor.System, TestContext.Current.CancellationToken);

        await page.SubmitAsync("form.chat-input");

        page.Find(".chat-images .problems").TextContent.ShouldContain("The chosen key was revoked");
        page.Find("textarea[aria-label=Message]").GetAttribute("value").ShouldBe("Hello");
        page.Find("#play-key").GetAttribute("value").ShouldBe("the chosen key is gone: choose one");
        await page.ClickAsync("#play-key");
        page.FindAll("[role=option] .truncate").Select(o => o.TextContent).ShouldBe(["b"]);
        await page.ClickAsync("[role=option]");
        page.Find("#play-key").GetAttribute("value").ShouldBe("b");
    }

    [Fact]
    public async Task Begin_WithWhatAnswers_ThenWithWhatWasTalkedToLast()
    {
        await using ConsoleContext console = await ConsoleContext.CreateAsync(s => s.AddSingleton(c => new TurnRunner(null!, null!, null!, c.GetRequiredService<GatewayCatalog>(), TimeProvider.System)));
        await console.SimulateAsync("alpha", "beta", "gamma");
        KeyAdministration keys = console.Get<KeyAdministration>();
        await keys.CreateAsync(new KeyChange { Name = "a", AllowedEndpoints = new string[] { "embeddings" } }, Actor.System, TestContext.Current.CancellationToken);
        await keys.CreateAsync(new KeyChange { Name = "b" }, Actor.System, TestContext.Current.CancellationToken);
        console.Get<GatewayCatalog>().Current.FindModel("alpha")!.Backends[0].State.Note("upstream_timeout", TimeProvider.System.GetUtcNow());

        IRenderedComponent<PlaygroundPage> page = console.Render<PlaygroundPage>();

        page.WaitForAssertion(() => page.Find("select[aria-label=Model]").GetAttribute("value").ShouldBe("beta"));
        page.Find("#play-key").GetAttribute("value").ShouldBe("b");

        ConversationContent content = new() { Panes = [new("gamma", [])] };
        (await console.Get<ConversationAdministration>().CreateAsync(new ConversationChange { Name = "yesterday", Content = content }, new Actor("console:ada"), TestContext.Current.CancellationToken)).IsDone.ShouldBeTrue();
        page = console.Render<PlaygroundPage>();
        page.WaitForAssertion(() => page.Find("select[aria-label=Model]").GetAttribute("value").ShouldBe("gamma"));
    }

    [Fact]
    public async Task Models_ThatOnlyMakeVectors_AreNotOffered()
    {
        await using ConsoleContext console = await ConsoleContext.CreateAsync(s => s.AddSingleton(c => new TurnRunner(null!, null!, null!, c.GetRequiredService<GatewayCatalog>(), TimeProvider.System)));
        await console.SimulateAsync("alpha", "some-embedding");
        await console.Get<ProviderAdministration>().CreateAsync(
            new ProviderChange { Name = "vendor", Kind = "openai", Credentials = new CredentialChange[] { new() { Label = "main", Secret = "sk-1" } } }, Actor.System, TestContext.Current.CancellationToken);
        await AddAsync("vectors", "vendor", "text-embedding-3-small");
        await AddAsync("words", "vendor", "gpt-4o-mini");
        // Nobody knows what it does, and one of the two backends chats.
        await AddAsync("unknown", "vendor", "my-embedding-or-not");
        await AddAsync("mixed", "vendor", "text-embedding-3-small", "gpt-4o-mini");
        await console.Get<KeyAdministration>().CreateAsync(new KeyChange { Name = "a" }, Actor.System, TestContext.Current.CancellationToken);

        IRenderedComponent<PlaygroundPage> page = console.Render<PlaygroundPage>();

        page.FindAll("select[aria-label=Model] option").Select(o => o.TextContent).ShouldBe(["alpha", "mixed", "unknown", "words"]);

        async Task AddAsync(string name, string provider, params string[] upstream)
        {
            BackendChange[] backends = [.. upstream.Select(u => new BackendChange { Provider = provider, UpstreamModel = u })];
            (await console.Get<ModelAdministration>().CreateAsync(new ModelChange { Name = name, Backends = backends }, Actor.System, TestContext.Current.CancellationToken)).IsDone.ShouldBeTrue();
        }
    }
}
