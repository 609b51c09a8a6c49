using System.ClientModel;
using Gateway.E2E.Hosting;
using Microsoft.Playwright;
using OpenAI;
using OpenAI.Chat;
using Shouldly;
using Xunit;

namespace Gateway.E2E.Console;

/// <summary>From the first start to the first request, and on to a revoked key: the way every newcomer goes.</summary>
public sealed class NewcomerStoryTests(RunningGateway gateway, ChromiumBrowser browser, ScriptedUpstream upstream)
    : IClassFixture<RunningGateway>, IClassFixture<ChromiumBrowser>, IClassFixture<ScriptedUpstream>
{
    [Fact]
    public async Task Newcomer_FromFirstStart_SeesTheirRequestAndEndsTheirKey()
    {
        await using ConsolePage console = await browser.OpenAsync(gateway);
        IPage page = console.Page;
        await console.SignInAsync();

        // The overview says what to do, with this gateway's own address.
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Send the first request" })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Tabpanel)).ToContainTextAsync($"{gateway.Url}/v1/chat/completions");
        await page.GetByRole(AriaRole.Tab, new() { Name = "Python" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Tabpanel)).ToContainTextAsync($"base_url=\"{gateway.Url}/v1\"");

        await RegisterProviderAsync(page);
        await AddModelAsync(page);
        string key = await IssueKeyAsync(page);

        // The request appears by itself on a page that was open before.
        await FollowAsync(page, "Requests");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "No request in this span" })).ToBeVisibleAsync();
        ChatClient client = Client(key);
        ChatCompletion answer = await client.CompleteChatAsync([ChatMessage.CreateUserMessage("Hello")], cancellationToken: TestContext.Current.CancellationToken);
        answer.Content[0].Text.ShouldBe("Hello from stub-large.");
        upstream.LastAuthorization.ShouldBe("Bearer sk-stub-secret");
        ILocator row = page.GetByRole(AriaRole.Row).Filter(new() { HasText = "stub-model" });
        await Assertions.Expect(row).ToBeVisibleAsync();
        await Assertions.Expect(row).ToContainTextAsync("7 / 5");

        // Its drawer, by keyboard.
        await page.Keyboard.PressAsync("j");
        ILocator drawer = page.GetByRole(AriaRole.Complementary, new() { NameRegex = new("^Request ") });
        await Assertions.Expect(drawer).ToContainTextAsync("unknown");
        await drawer.GetByRole(AriaRole.Tab, new() { Name = "Timeline" }).ClickAsync();
        await Assertions.Expect(drawer).ToContainTextAsync("stub-upstream");
        (await console.FindProblemsAsync()).ShouldBeEmpty();
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(drawer).ToHaveCountAsync(0);

        await ChatInPlaygroundAsync(page);

        await console.GoAsync("/");
        await Assertions.Expect(page.Locator(".stat").Filter(new() { Has = page.Locator(".stat-name a", new() { HasText = "Requests" }) }).Locator(".stat-value")).ToHaveTextAsync("2");

        await console.GoAsync("/keys");
        await page.GetByRole(AriaRole.Button, new() { Name = "Revoke my-app" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Revoke key" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "my-app" })).ToContainTextAsync("revoked");
        ClientResultException refused = await Should.ThrowAsync<ClientResultException>(() => client.CompleteChatAsync("Hello"));
        refused.Status.ShouldBe(401);
        console.ShouldBeWithoutComplaints();
    }

    private async Task RegisterProviderAsync(IPage page)
    {
        await FollowAsync(page, "Providers");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add provider" }).ClickAsync();
        ILocator dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Name").FillAsync("stub-upstream");
        await dialog.GetByLabel("Base URL").FillAsync(upstream.Url);
        await dialog.GetByLabel("Secret of credential 1").FillAsync("sk-stub-secret");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Add provider" }).ClickAsync();
        ILocator card = page.GetByRole(AriaRole.Article, new() { Name = "stub-upstream" });
        await card.GetByRole(AriaRole.Button, new() { Name = "Test" }).ClickAsync();
        await Assertions.Expect(card.GetByRole(AriaRole.Status)).ToContainTextAsync("2 models");
        (await page.ContentAsync()).ShouldNotContain("sk-stub-secret");
    }

    private static async Task AddModelAsync(IPage page)
    {
        await FollowAsync(page, "Models");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add model" }).ClickAsync();
        ILocator dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Name", new() { Exact = true }).FillAsync("stub-model");
        await dialog.GetByLabel("Served by").SelectOptionAsync("stub-upstream");
        await dialog.GetByLabel("Upstream model").FillAsync("stub-large");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Add model" }).ClickAsync();
        ILocator card = page.GetByRole(AriaRole.Article, new() { Name = "stub-model" });
        await Assertions.Expect(card).ToContainTextAsync("stub-upstream");
        await Assertions.Expect(card).ToContainTextAsync("unknown");
    }

    private static async Task<string> IssueKeyAsync(IPage page)
    {
        await FollowAsync(page, "Keys");
        await page.GetByRole(AriaRole.Button, new() { Name = "Issue key" }).ClickAsync();
        ILocator dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Name").FillAsync("my-app");
        await dialog.GetByLabel("Allowed models").FillAsync("stub-*");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Issue key" }).ClickAsync();
        string key = await page.GetByTestId("issued-key").InnerTextAsync();
        key.ShouldStartWith("ml-");
        await Assertions.Expect(page.GetByRole(AriaRole.Tabpanel)).ToContainTextAsync($"Bearer {key}");
        await page.GetByRole(AriaRole.Button, new() { Name = "I have copied it" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await Assertions.Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "my-app" })).ToContainTextAsync("active");
        (await page.ContentAsync()).ShouldNotContain(key);
        return key;
    }

    private static async Task ChatInPlaygroundAsync(IPage page)
    {
        await FollowAsync(page, "Playground");
        await page.GetByLabel("Model", new() { Exact = true }).SelectOptionAsync("stub-model");
        await page.GetByLabel("As the key").FillAsync("my-app");
        await page.GetByLabel("As the key").PressAsync("Enter");
        await Assertions.Expect(page.GetByLabel("As the key")).ToHaveValueAsync("my-app");
        await page.GetByLabel("Message", new() { Exact = true }).FillAsync("Hello");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        ILocator log = page.GetByRole(AriaRole.Log);
        await Assertions.Expect(log).ToContainTextAsync("Hello from stub-large.");
        await Assertions.Expect(log).ToContainTextAsync("7 in · 5 out");
        await log.GetByRole(AriaRole.Link, new() { Name = "Request" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Complementary, new() { NameRegex = new("^Request ") })).ToContainTextAsync("streamed");
    }

    /// <summary>Goes to a page by the sidebar, and waits until it is there: the next step must not meet the page before.</summary>
    private static async Task FollowAsync(IPage page, string name)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = name, Level = 1 }).WaitForAsync();
    }

    private ChatClient Client(string key) => new(
        "stub-model", new ApiKeyCredential(key), new OpenAIClientOptions { Endpoint = new Uri($"{gateway.Url}/v1") });
}
