using Gateway.E2E.Hosting;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace Gateway.E2E.Console;

/// <summary>What only a keyboard and a fast hand show: where the focus is, and what a key does there.</summary>
public sealed class KeyboardStoryTests(RunningGateway gateway, ChromiumBrowser browser) : IClassFixture<RunningGateway>, IClassFixture<ChromiumBrowser>
{
    [Fact]
    public async Task Dialogs_OpenedAndClosedByKeys_TakeTheFocusAtOnceAndGiveItBack()
    {
        await using ConsolePage console = await browser.OpenAsync(gateway);
        IPage page = console.Page;
        await console.SignInAsync();
        await console.GoAsync("/teams");
        ILocator opener = page.GetByRole(AriaRole.Button, new() { Name = "Add team" }).First;
        ILocator name = page.Locator("#team-name");
        await opener.PressAsync("Enter");
        await Assertions.Expect(name).ToBeFocusedAsync();

        // A question over the form gives back to the field, not to the page.
        await page.Keyboard.TypeAsync("sea");
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Go on editing" })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(name).ToBeFocusedAsync();
        await Assertions.Expect(name).ToHaveValueAsync("sea");

        // Cancel asks, too; what is discarded leads back to what opened the form.
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).PressAsync("Enter");
        await page.GetByRole(AriaRole.Button, new() { Name = "Discard" }).PressAsync("Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await Assertions.Expect(opener).ToBeFocusedAsync();

        // Where a fast hand has gone meanwhile, it stays.
        await opener.PressAsync("Enter");
        await Assertions.Expect(name).ToBeFocusedAsync();
        await page.Locator("#team-owners").FocusAsync();
        await page.WaitForTimeoutAsync(700);
        await Assertions.Expect(page.Locator("#team-owners")).ToBeFocusedAsync();
        console.ShouldBeWithoutComplaints();
    }

    [Fact]
    public async Task Dialog_LeftBeforeItListens_ClosesOnceItDoes()
    {
        await using ConsolePage console = await browser.OpenAsync(gateway);
        IPage page = console.Page;
        await console.SignInAsync();
        await console.GoAsync("/teams");
        // As on a connection that takes a second for a round trip.
        await page.EvaluateAsync("() => { const open = Radzen.openDialog; Radzen.openDialog = (...given) => { setTimeout(() => open(...given), 1000); }; }");

        await page.GetByRole(AriaRole.Button, new() { Name = "Add team" }).First.PressAsync("Enter");
        await Assertions.Expect(page.Locator("#team-name")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");

        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        console.ShouldBeWithoutComplaints();
    }

    [Fact]
    public async Task Key_ChosenByKeyboard_NeitherSendsTheFormNorClosesTheDialog()
    {
        await gateway.CreateAsync("keys", new { name = "search-production" }, "key");
        await using ConsolePage console = await browser.OpenAsync(gateway);
        IPage page = console.Page;
        await console.SignInAsync();
        await console.GoAsync("/budgets");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add budget" }).First.ClickAsync();
        await page.Locator("#scope-kind").SelectOptionAsync("key");
        ILocator key = page.GetByRole(AriaRole.Combobox, new() { Name = "Which" });
        ILocator list = page.GetByRole(AriaRole.Listbox);
        await key.FocusAsync();
        await page.Keyboard.TypeAsync("search");
        await Assertions.Expect(list.GetByRole(AriaRole.Option)).ToHaveCountAsync(1);
        (await console.FindProblemsAsync()).ShouldBeEmpty();

        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(list).ToHaveCountAsync(0);
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(1);

        await page.Keyboard.TypeAsync("search");
        await Assertions.Expect(list.GetByRole(AriaRole.Option)).ToHaveCountAsync(1);
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(key).ToHaveValueAsync("search-production");
        await Assertions.Expect(list).ToHaveCountAsync(0);
        await Assertions.Expect(page.Locator(".rz-dialog .problems")).ToHaveCountAsync(0);
        console.ShouldBeWithoutComplaints();
    }
}
