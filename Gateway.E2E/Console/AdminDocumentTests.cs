using Gateway.E2E.Hosting;
using Microsoft.Playwright;
using Xunit;

namespace Gateway.E2E.Console;

public sealed class AdminDocumentTests(RunningGateway gateway, ChromiumBrowser browser) : IClassFixture<RunningGateway>, IClassFixture<ChromiumBrowser>
{
    [Fact]
    public async Task AdminDocs_SignedIn_ShowEveryOperationAndCallOne()
    {
        await using ConsolePage console = await browser.OpenAsync(gateway);
        IPage page = console.Page;
        await console.SignInAsync();
        await page.GotoAsync("/admin/docs/index.html");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Gateway admin API" }).First).ToBeVisibleAsync();

        // The session's cookie is enough to try an operation out.
        ILocator list = page.Locator(".opblock-get").First;
        await list.Locator(".opblock-summary-control").ClickAsync();
        await list.GetByRole(AriaRole.Button, new() { Name = "Try it out" }).ClickAsync();
        await list.GetByRole(AriaRole.Button, new() { Name = "Execute" }).ClickAsync();
        await Assertions.Expect(list.Locator(".live-responses-table tbody .response-col_status").First).ToContainTextAsync("200");
        console.ShouldBeWithoutComplaints();
    }
}
