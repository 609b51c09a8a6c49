using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Gateway.E2E.Hosting;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace Gateway.E2E.Console;

/// <summary>Somebody has to see what an application says: for a few requests, and then no more.</summary>
public sealed class CaptureStoryTests(RunningGateway gateway, ChromiumBrowser browser) : IClassFixture<RunningGateway>, IClassFixture<ChromiumBrowser>
{
    [Fact]
    public async Task Capture_SwitchedOnForAKey_ShowsWhatWasSaidAndEndsByItself()
    {
        await using ConsolePage console = await browser.OpenAsync(gateway);
        IPage page = console.Page;
        await console.SignInAsync();
        await console.GoAsync("/keys");
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Capture what is said with") }).First.ClickAsync();
        await page.GetByLabel("Requests", new() { Exact = true }).FillAsync("2");
        (await console.FindProblemsAsync()).ShouldBeEmpty();
        await page.GetByRole(AriaRole.Button, new() { Name = "Start capturing" }).ClickAsync();
        await Assertions.Expect(page.GetByText("capturing · 2 left")).ToBeVisibleAsync();
        await console.GoAsync("/settings?tab=content");
        await Assertions.Expect(page.Locator(".capture-list li")).ToContainTextAsync("2 left");

        await AskAsync("first of all, my key is sk-proj-0123456789abcdef0123", stream: false);
        await AskAsync("and then", stream: true);
        await AskAsync("one too many", stream: false);

        // The newest was one too many; the stream before it is there, in words.
        await console.GoAsync("/requests?range=15m");
        await Assertions.Expect(page.Locator(".row-open")).ToHaveCountAsync(3);
        await OpenMessagesAsync(page, 0);
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "What was said was not recorded" })).ToBeVisibleAsync();
        await OpenMessagesAsync(page, 1);
        await Assertions.Expect(page.Locator(".said.user")).ToContainTextAsync("and then");
        await Assertions.Expect(page.Locator(".said.answer")).ToContainTextAsync("Hello from sim-chat");
        (await console.FindProblemsAsync()).ShouldBeEmpty();
        await OpenMessagesAsync(page, 2);
        await Assertions.Expect(page.Locator(".said.user")).ToContainTextAsync("first of all, my key is <redacted:key>");

        await page.GetByRole(AriaRole.Link, new() { Name = "Replay in the playground" }).ClickAsync();
        await Assertions.Expect(page.GetByLabel("Fixture")).ToHaveValueAsync(new Regex("first of all"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Replay it" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Log)).ToContainTextAsync("Hello from sim-chat");

        await console.GoAsync("/keys");
        await Assertions.Expect(page.GetByText("capturing ·")).ToHaveCountAsync(0);
        await console.GoAsync("/settings/audit");
        await Assertions.Expect(page.Locator(".audit .badge", new() { HasText = "content.read" })).ToHaveCountAsync(2);
        console.ShouldBeWithoutComplaints();
    }

    private static async Task OpenMessagesAsync(IPage page, int row)
    {
        string before = page.Url;
        await page.Locator(".row-open").Nth(row).ClickAsync();
        await Assertions.Expect(page).Not.ToHaveURLAsync(before);
        await page.GetByRole(AriaRole.Tab, new() { Name = "Messages" }).ClickAsync();
        await Assertions.Expect(page.Locator("aside .skeleton")).ToHaveCountAsync(0);
    }

    private async Task AskAsync(string text, bool stream)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var request = new HttpRequestMessage(HttpMethod.Post, gateway.Url + "/v1/chat/completions");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.Key);
        request.Content = new StringContent(
            $$"""{"model":"sim-chat","stream":{{(stream ? "true" : "false")}},"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"{{text}}"}]}""",
            Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        string body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        ((int)answer.StatusCode).ShouldBe(200, body);
    }
}
