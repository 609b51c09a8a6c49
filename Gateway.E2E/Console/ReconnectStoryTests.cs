using System.Text.RegularExpressions;
using Gateway.E2E.Hosting;
using Microsoft.Playwright;
using Xunit;

namespace Gateway.E2E.Console;

/// <summary>The gateway is restarted while somebody types: nothing that takes long to type is lost.</summary>
public sealed class ReconnectStoryTests(RunningGateway gateway, ChromiumBrowser browser) : IClassFixture<RunningGateway>, IClassFixture<ChromiumBrowser>
{
    private const string Panel = "#components-reconnect-modal";

    [Fact]
    public async Task Restart_WhileSomebodyTypes_LosesNoInput()
    {
        await using ConsolePage console = await browser.OpenAsync(gateway);
        IPage page = console.Page;
        await console.SignInAsync();

        await console.GoAsync("/playground");
        ILocator message = page.GetByRole(AriaRole.Textbox, new() { Name = "Message", Exact = true });
        // What is typed before the page listens is kept with what is typed next.
        await Eventually.TrueAsync(async () =>
        {
            await message.FillAsync("");
            await message.PressSequentiallyAsync("a question of many words");
            return await KeepsAsync(page, "a question of many words");
        });
        IPage editor = await page.Context.NewPageAsync();
        // A page with changes asks before it is left.
        editor.Dialog += (_, dialog) => _ = dialog.AcceptAsync();
        await editor.GotoAsync("/routes/new");
        await editor.GetByLabel("Name").FillAsync("kept-route");
        await editor.Keyboard.PressAsync("Tab");
        await Assertions.Expect(editor.GetByText("unsaved changes")).ToBeVisibleAsync();
        await Eventually.TrueAsync(() => KeepsAsync(editor, "kept-route"));

        IPage dialog = await page.Context.NewPageAsync();
        await dialog.GotoAsync("/teams");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Add team" }).First.ClickAsync();
        await dialog.GetByLabel("Name").FillAsync("kept-team");
        // It is still in this one when the gateway goes, and goes on typing.
        ILocator description = dialog.GetByLabel("Description");
        await description.PressSequentiallyAsync("half ");
        await Eventually.TrueAsync(() => KeepsAsync(dialog, "kept-team"));

        await gateway.KillAsync();
        await description.PressSequentiallyAsync("a sentence");
        await Assertions.Expect(page.Locator(Panel)).ToHaveClassAsync(new Regex("components-reconnect-(show|failed|retrying)"));
        await gateway.RestartAsync();

        await ReloadAsync(page);
        await Assertions.Expect(page.GetByRole(AriaRole.Status).Filter(new() { HasText = "You had typed" })).ToContainTextAsync("a question of many words");
        await page.GetByRole(AriaRole.Button, new() { Name = "Restore" }).ClickAsync();
        await Assertions.Expect(message).ToHaveValueAsync("a question of many words");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await Assertions.Expect(message).ToHaveValueAsync("");
        await ReloadAsync(editor);
        await editor.GetByRole(AriaRole.Button, new() { Name = "Restore" }).ClickAsync();
        await Assertions.Expect(editor.GetByLabel("Name")).ToHaveValueAsync("kept-route");

        await ReloadAsync(dialog);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Add team" }).First.ClickAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Restore" }).ClickAsync();
        await Assertions.Expect(dialog.GetByLabel("Name")).ToHaveValueAsync("kept-team");
        await Assertions.Expect(description).ToHaveValueAsync("half a sentence");
        await dialog.Locator(".rz-dialog").GetByRole(AriaRole.Button, new() { Name = "Add team" }).ClickAsync();
        await Assertions.Expect(dialog.Locator(".rz-dialog form")).ToHaveCountAsync(0);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Add team" }).First.ClickAsync();
        await Assertions.Expect(description).ToHaveValueAsync("");
        await Assertions.Expect(dialog.GetByText("You had filled in this form here.")).ToHaveCountAsync(0);

        // What was sent is not offered again.
        await console.GoAsync("/playground");
        await Assertions.Expect(message).ToHaveValueAsync("");
        await Assertions.Expect(page.GetByText("You had typed")).ToHaveCountAsync(0);
        console.ShouldBeWithoutComplaintsOfOurs("KeptText");
    }

    private static Task<bool> KeepsAsync(IPage page, string text) =>
        page.EvaluateAsync<bool>("text => Object.keys(sessionStorage).some(k => k.startsWith('kept:') && sessionStorage.getItem(k).includes(text))", text);

    // The console sees by itself that its circuit is gone, or somebody tries again.
    private static async Task ReloadAsync(IPage page)
    {
        await page.BringToFrontAsync();
        await page.Locator($"{Panel} [data-reconnect]:visible").First.WaitForAsync();
        await page.ReloadAsync();
        await page.Locator("h1").First.WaitForAsync();
        await Assertions.Expect(page.Locator(".skeleton")).ToHaveCountAsync(0);
    }
}
