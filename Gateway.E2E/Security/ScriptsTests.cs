using Gateway.E2E.Console;
using Gateway.E2E.Hosting;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace Gateway.E2E.Security;

/// <summary>open-webui#18387, apconw/Aix-DB#230: what a model wrote ran in the operator's browser. In a real one, on every page.</summary>
public sealed class ScriptsTests(RunningGateway gateway, ChromiumBrowser browser, HostileUpstream upstream)
    : IClassFixture<RunningGateway>, IClassFixture<ChromiumBrowser>, IClassFixture<HostileUpstream>
{
    [Fact]
    public async Task MarkupInAnswersNamesAndErrors_RunsNothingAndThePolicyHasNothingToStop()
    {
        string name = "<img src=x onerror=\"window.hit='name'\">";
        await gateway.CreateAsync("providers", new { name = "hostile", kind = "openai-compatible", base_url = upstream.Url, credentials = new[] { new { label = name, secret = "sk-hostile" } } });
        await gateway.CreateAsync("models", new { name = "markup", description = name, backends = new[] { new { provider = "hostile" } } });
        await gateway.CreateAsync("models", new { name = "markup-error", backends = new[] { new { provider = "hostile" } } });
        await gateway.CreateAsync("keys", new { name, owner = name }, "key");
        await using ConsolePage console = await browser.OpenAsync(gateway);
        IPage page = console.Page;
        // Set before any script of a page: whatever the policy stops is counted even if nobody prints it.
        await page.AddInitScriptAsync("window.stopped = []; document.addEventListener('securitypolicyviolation', e => window.stopped.push(e.violatedDirective + ' ' + e.blockedURI))");
        await console.SignInAsync();

        await console.GoAsync("/playground");
        foreach (string model in (string[])["markup", "markup-error"])
        {
            await page.GetByLabel("Model", new() { Exact = true }).SelectOptionAsync(model);
            await page.GetByLabel("As the key").FillAsync(name);
            await page.GetByLabel("As the key").PressAsync("Enter");
            await Assertions.Expect(page.GetByLabel("As the key")).ToHaveValueAsync(name);
            await page.GetByLabel("Message", new() { Exact = true }).FillAsync(HostileUpstream.Markup);
            await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
            // As text, to be read.
            await Assertions.Expect(page.Locator(".bubble.answer").Last).ToContainTextAsync("onerror=");
        }
        (await ProblemsAsync(page)).ShouldBeEmpty();
        foreach (string path in ConsolePaths.All)
        {
            await console.GoAsync(path);
            (await ProblemsAsync(page)).ShouldBeEmpty(path);
        }
        await console.GoAsync("/requests");
        await page.Locator("tbody tr").First.ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Complementary, new() { NameRegex = new("^Request ") })).ToBeVisibleAsync();
        (await ProblemsAsync(page)).ShouldBeEmpty();
        console.ShouldBeWithoutComplaints();
    }

    private static async Task<string[]> ProblemsAsync(IPage page) => await page.EvaluateAsync<string[]>(
        "() => [...(window.hit ? ['ran: ' + window.hit] : []), ...window.stopped, ...[...document.querySelectorAll('img[onerror],svg[onload],iframe,a[href^=\"javascript:\"]')].map(e => 'markup: ' + e.outerHTML)]");
}
