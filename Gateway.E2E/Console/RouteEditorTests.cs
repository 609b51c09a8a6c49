using Gateway.E2E.Hosting;
using Microsoft.Playwright;
using Xunit;

namespace Gateway.E2E.Console;

public sealed class RouteEditorTests(RunningGateway gateway, ChromiumBrowser browser) : IClassFixture<RunningGateway>, IClassFixture<ChromiumBrowser>
{
    [Fact]
    public async Task Steps_ReorderedByKeyboardAlone_AreSavedInThatOrder()
    {
        await using ConsolePage console = await browser.OpenAsync(gateway);
        IPage page = console.Page;
        await console.SignInAsync();
        await console.GoAsync("/routes");
        await page.GetByRole(AriaRole.Link, new() { Name = "Edit demo" }).ClickAsync();
        ILocator handles = page.Locator("[data-reorder]");
        await Assertions.Expect(handles).ToHaveCountAsync(2);

        // The failing model goes last: focus its handle, press the arrow, and the focus stays on it.
        await handles.First.FocusAsync();
        await page.Keyboard.PressAsync("ArrowDown");
        await Assertions.Expect(page.GetByRole(AriaRole.Status).Filter(new() { HasText = "sim-failing is now step 2 of 2" })).ToHaveCountAsync(1);
        await Assertions.Expect(handles.Nth(1)).ToBeFocusedAsync();

        // The dry run plans what is on screen, before it is saved.
        await page.GetByRole(AriaRole.Button, new() { Name = "Dry run" }).ClickAsync();
        ILocator plan = page.Locator(".plan li");
        await Assertions.Expect(plan.First).ToContainTextAsync("sim-chat");
        await Assertions.Expect(plan.Nth(1)).ToContainTextAsync("sim-failing");

        await page.GetByRole(AriaRole.Button, new() { Name = "Save route" }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        ILocator chain = page.GetByRole(AriaRole.Article, new() { Name = "demo" }).GetByRole(AriaRole.Listitem);
        await Assertions.Expect(chain.First).ToContainTextAsync("sim-chat");
        await Assertions.Expect(chain.Nth(1)).ToContainTextAsync("sim-failing");
        console.ShouldBeWithoutComplaints();
    }

    [Fact]
    public async Task Steps_Dragged_ChangePlaces()
    {
        await using ConsolePage console = await browser.OpenAsync(gateway);
        IPage page = console.Page;
        await console.SignInAsync();
        await console.GoAsync("/routes");
        await page.GetByRole(AriaRole.Link, new() { Name = "Edit demo" }).ClickAsync();
        ILocator steps = page.Locator(".step");
        string first = await steps.First.Locator("strong").InnerTextAsync();
        await page.Locator("[data-reorder]").First.DragToAsync(steps.Nth(1), new() { TargetPosition = new() { X = 200, Y = 20 } });
        await Assertions.Expect(steps.Nth(1).Locator("strong")).ToHaveTextAsync(first);
    }
}
