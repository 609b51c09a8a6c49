using Gateway.E2E.Hosting;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace Gateway.E2E.Console;

public sealed class RouteEditorTests(RunningGateway gateway, ChromiumBrowser browser) : IClassFixture<RunningGateway>, IClassFixture<ChromiumBrowser>
{
    [Fact]
    public async Task Chain_ReorderedByKeyboardAndByDrag_ShowsItsWayAndIsSaved()
    {
        await using ConsolePage console = await browser.OpenAsync(gateway);
        IPage page = console.Page;
        await console.SignInAsync();
        await console.GoAsync("/routes");
        await page.GetByRole(AriaRole.Link, new() { Name = "Edit demo" }).ClickAsync();
        ILocator heads = page.Locator("[data-reorder]");
        await Assertions.Expect(heads).ToHaveCountAsync(2);

        // The failing model goes last: focus its step, press the arrow, and the focus stays on it.
        await heads.First.FocusAsync();
        await page.Keyboard.PressAsync("ArrowDown");
        await Assertions.Expect(page.GetByRole(AriaRole.Status).Filter(new() { HasText = "sim-failing is now step 2 of 2" })).ToHaveCountAsync(1);
        await Assertions.Expect(heads.Nth(1)).ToBeFocusedAsync();
        await Assertions.Expect(page.GetByText("unsaved changes")).ToBeVisibleAsync();

        // Dragged back, and taken back.
        await heads.Nth(1).DragToAsync(heads.First);
        await Assertions.Expect(heads.First).ToContainTextAsync("sim-failing");
        await page.GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();
        await Assertions.Expect(heads.First).ToContainTextAsync("sim-chat");

        // Enter opens the settings beside it; a step is added on an arrow and removed with its key.
        await heads.First.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Step 1" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a step as number 2" }).ClickAsync();
        await Assertions.Expect(heads).ToHaveCountAsync(3);
        await Assertions.Expect(heads.Nth(1)).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Delete");
        await Assertions.Expect(heads).ToHaveCountAsync(2);

        // The dry run lights up the way of what is on screen, before it is saved.
        await page.GetByRole(AriaRole.Button, new() { Name = "Dry run" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Step 1 would serve it: sim-chat")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator(".step.serving")).ToContainTextAsync("sim-chat");
        (await console.FindProblemsAsync()).ShouldBeEmpty();

        // Who leaves is asked; who saves is not.
        await page.GetByRole(AriaRole.Link, new() { Name = "All routes" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Stay here" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Save route" }).PressAsync("Enter");
        ILocator chain = page.GetByRole(AriaRole.Article, new() { Name = "demo" }).GetByRole(AriaRole.Listitem);
        await Assertions.Expect(chain.First).ToContainTextAsync("sim-chat");
        await Assertions.Expect(chain.Nth(1)).ToContainTextAsync("sim-failing");
        console.ShouldBeWithoutComplaints();
    }
}
