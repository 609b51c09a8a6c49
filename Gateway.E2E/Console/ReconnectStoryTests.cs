using Gateway.E2E.Hosting;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace Gateway.E2E.Console;

/// <summary>The gateway is restarted while somebody types: nothing that takes long to type is lost.</summary>
public sealed class ReconnectStoryTests(RunningGateway gateway, ChromiumBrowser browser) : IClassFixture<RunningGateway>, IClassFixture<ChromiumBrowser>
{
    [Fact]
    public async Task Restart_WhileSomebodyTypes_LosesNoInput()
    {
        await using ConsolePage console = await browser.OpenAsync(gateway);
        IPage page = console.Page;
        // A page with changes asks before it is left.
        page.Dialog += (_, dialog) => _ = dialog.AcceptAsync();
        await console.SignInAsync();

        await console.GoAsync("/playground");
        ILocator message = page.GetByRole(AriaRole.Textbox, new() { Name = "Message", Exact = true });
        await message.PressSequentiallyAsync("a question of many words");
        await RestartAsync(page);
        await Assertions.Expect(page.GetByRole(AriaRole.Status).Filter(new() { HasText = "You had typed" })).ToContainTextAsync("a question of many words");
        await page.GetByRole(AriaRole.Button, new() { Name = "Restore" }).ClickAsync();
        await Assertions.Expect(message).ToHaveValueAsync("a question of many words");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await Assertions.Expect(message).ToHaveValueAsync("");

        await console.GoAsync("/routes/new");
        await page.GetByLabel("Name").FillAsync("kept-route");
        await page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(page.GetByText("unsaved changes")).ToBeVisibleAsync();
        await RestartAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Restore" }).ClickAsync();
        await Assertions.Expect(page.GetByLabel("Name")).ToHaveValueAsync("kept-route");

        // What was sent is not offered again.
        await console.GoAsync("/playground");
        await Assertions.Expect(message).ToHaveValueAsync("");
        await Assertions.Expect(page.GetByText("You had typed")).ToHaveCountAsync(0);
        console.ShouldBeWithoutComplaintsOfOurs("KeptText");
    }

    private async Task RestartAsync(IPage page)
    {
        await gateway.KillAsync();
        await Assertions.Expect(page.Locator("#components-reconnect-modal")).ToHaveClassAsync(new System.Text.RegularExpressions.Regex("components-reconnect-(show|failed|retrying)"));
        await gateway.RestartAsync();
        // The console sees by itself that its circuit is gone, or somebody tries again.
        ILocator again = page.Locator("#components-reconnect-modal [data-reconnect]:visible");
        await again.First.WaitForAsync(new() { Timeout = 60_000 });
        await page.ReloadAsync();
        await page.Locator("h1").First.WaitForAsync();
        await Assertions.Expect(page.Locator(".skeleton")).ToHaveCountAsync(0);
    }
}
