using Gateway.E2E.Hosting;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace Gateway.E2E.Console;

/// <summary>Trying models out, over the simulated ones that a first start brings.</summary>
public sealed class TryingTests(RunningGateway gateway, ChromiumBrowser browser) : IClassFixture<RunningGateway>, IClassFixture<ChromiumBrowser>
{
    [Fact]
    public async Task TwoModels_SideBySide_AnswerTheSameQuestion_AndAreKept()
    {
        await using ConsolePage console = await browser.OpenAsync(gateway);
        IPage page = console.Page;
        await console.SignInAsync();
        await console.GoAsync("/playground?model=sim-chat");
        await page.GetByRole(AriaRole.Button, new() { Name = "Compare with another" }).ClickAsync();
        await page.GetByLabel("Model 2", new() { Exact = true }).SelectOptionAsync("sim-reasoning");
        ILocator message = page.GetByLabel("Message", new() { Exact = true });
        await message.FillAsync("Why is the sky blue?");
        await message.PressAsync("Control+Enter");

        ILocator first = page.GetByRole(AriaRole.Log, new() { Name = "Messages", Exact = true });
        ILocator second = page.GetByRole(AriaRole.Log, new() { Name = "Messages 2" });
        await Assertions.Expect(first).ToContainTextAsync("Hello from sim-chat");
        await Assertions.Expect(second).ToContainTextAsync("Hello from sim-reasoning");
        await Assertions.Expect(second.Locator(".reasoning summary")).ToHaveTextAsync("Reasoning");
        await Assertions.Expect(first).ToContainTextAsync("TTFT");
        await Assertions.Expect(first.GetByRole(AriaRole.Link, new() { Name = "Request" })).ToBeVisibleAsync();

        await first.GetByRole(AriaRole.Button, new() { Name = "Under the hood" }).ClickAsync();
        await Assertions.Expect(first.Locator("pre.raw")).ToContainTextAsync("\"model\": \"sim-chat\"");
        await first.GetByRole(AriaRole.Button, new() { NameRegex = new("^Events") }).ClickAsync();
        await Assertions.Expect(first.Locator(".events li").First).ToContainTextAsync("chat.completion.chunk");
        await first.GetByRole(AriaRole.Button, new() { Name = "Code" }).ClickAsync();
        await Assertions.Expect(first.GetByRole(AriaRole.Tabpanel)).ToContainTextAsync("curl -N");
        (await console.FindProblemsAsync()).ShouldBeEmpty();

        // It is kept, and comes back as it was.
        await Assertions.Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("conversation=[0-9a-f]{32}"));
        await page.ReloadAsync();
        await Assertions.Expect(second).ToContainTextAsync("Hello from sim-reasoning");
        await page.GetByText("History", new() { Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete Why is the sky blue?" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Delete Why is the sky blue?" })).ToHaveCountAsync(0);
        // The page changed its own address while it loaded; that must not take its look away.
        await Assertions.Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "light");
        console.ShouldBeWithoutComplaints();
    }

    [Fact]
    public async Task OwnKey_OfAHolder_SaysWhatItsBarsMean()
    {
        await using ConsolePage console = await browser.OpenAsync(gateway);
        IPage page = console.Page;
        await page.GotoAsync("/me");
        await page.GetByLabel("API key").FillAsync(gateway.Key);
        await page.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
        await Assertions.Expect(page.Locator(".own-bars + div")).ToHaveTextAsync(
            new System.Text.RegularExpressions.Regex(@"^\d{4}-\d\d-\d\d \d\d:\d\d [+-]\d\d:\d\dtallest: \d+ requests?; failed in red, refused in amber\d{4}-.*$"));
        (await console.FindProblemsAsync()).ShouldBeEmpty();
        console.ShouldBeWithoutComplaints();
    }

    [Fact]
    public async Task Tool_Called_IsGivenItsResultAndGoesOn()
    {
        await using ConsolePage console = await browser.OpenAsync(gateway);
        IPage page = console.Page;
        await console.SignInAsync();
        await console.GoAsync("/playground?model=sim-chat");
        await page.GetByText("Tools", new() { Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Fill in an example" }).ClickAsync();
        await page.GetByLabel("Message", new() { Exact = true }).FillAsync("Weather in Oslo?");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();

        ILocator log = page.GetByRole(AriaRole.Log);
        await Assertions.Expect(log.Locator(".tool-call")).ToContainTextAsync("weather");
        await Assertions.Expect(log.Locator(".tool-call")).ToContainTextAsync("city");
        await log.GetByLabel("Result of weather").FillAsync("4 degrees and rain");
        await log.GetByRole(AriaRole.Button, new() { Name = "Go on with this result" }).ClickAsync();
        await Assertions.Expect(log).ToContainTextAsync("Hello from sim-chat");
        await Assertions.Expect(log.Locator(".bubble.user").Last).ToContainTextAsync("4 degrees and rain");
        console.ShouldBeWithoutComplaints();
    }

    [Fact]
    public async Task Protocol_Switched_IsSpokenAndItsConversionTold()
    {
        await using ConsolePage console = await browser.OpenAsync(gateway);
        IPage page = console.Page;
        await console.SignInAsync();
        await console.GoAsync("/playground?model=sim-chat");
        await AskAsync(page, "anthropic-messages", "\"max_tokens\"");
        await AskAsync(page, "gemini", "\"contents\"");
        await AskAsync(page, "openai-responses", "\"input\"");
        await page.Locator(".turn").Last.GetByRole(AriaRole.Button, new() { Name = "Conversion" }).ClickAsync();
        await Assertions.Expect(page.Locator(".turn").Last).ToContainTextAsync("Responses → Chat Completions");
        await Assertions.Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("wire=openai-responses"));

        // And in the ordered mode, on the wire that has it.
        await page.GetByLabel("Protocol").SelectOptionAsync("openai-chat");
        await page.GetByText("Ordered summaries", new() { Exact = true }).ClickAsync();
        await page.GetByLabel("Summarise question and reasoning first").CheckAsync();
        await page.GetByLabel("Message", new() { Exact = true }).FillAsync("And now in order");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        ILocator last = page.Locator(".turn").Last;
        await Assertions.Expect(last.Locator(".summaries dd").First).ToContainTextAsync("And now in order");
        await Assertions.Expect(last.Locator(".answer-text")).ToContainTextAsync("routing, streaming, limits and accounting work.");
        console.ShouldBeWithoutComplaints();
    }

    [Fact]
    public async Task Lab_OfASample_ShowsALoss()
    {
        await using ConsolePage console = await browser.OpenAsync(gateway, 390);
        IPage page = console.Page;
        await console.SignInAsync();
        await console.GoAsync("/protocol-lab?from=openai-chat&kind=request&sample=own");
        ILocator anthropic = page.GetByRole(AriaRole.Article, new() { Name = "Messages", Exact = true });
        await Assertions.Expect(anthropic).ToContainTextAsync("logprobs");
        await Assertions.Expect(anthropic.Locator(".badge.bad").First).ToContainTextAsync("lost");
        (await console.FindProblemsAsync()).ShouldBeEmpty();
        await page.GetByLabel("Chat Completions request").FillAsync("{\n\"model\": }");
        await page.GetByRole(AriaRole.Button, new() { Name = "Compare" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("line 2, column 10");
        console.ShouldBeWithoutComplaints();
    }

    private static async Task AskAsync(IPage page, string wire, string shape)
    {
        await page.GetByLabel("Protocol").SelectOptionAsync(wire);
        await page.GetByLabel("Message", new() { Exact = true }).FillAsync($"Hello by {wire}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        ILocator turn = page.Locator(".turn").Filter(new() { HasText = $"Hello by {wire}" });
        await Assertions.Expect(turn.Locator(".answer-text")).ToContainTextAsync("accounting work.");
        await Assertions.Expect(turn).ToContainTextAsync("TTFT");
        await turn.GetByRole(AriaRole.Button, new() { Name = "Under the hood" }).ClickAsync();
        await Assertions.Expect(turn.Locator("pre.raw")).ToContainTextAsync(shape);
    }
}
