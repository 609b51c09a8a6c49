using System.Net.Http.Json;
using Gateway.E2E.Hosting;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace Gateway.E2E.SignIn;

/// <summary>People of two providers come in, in the role of their groups, and go.</summary>
public sealed class SignInTests(OidcServers servers, ChromiumBrowser browser) : IClassFixture<OidcServers>, IClassFixture<ChromiumBrowser>
{
    [Fact]
    public async Task TwoProviders_EachPersonComesInByTheirGroup_AndSignsOutAtTheProvider()
    {
        await SaveRulesAsync(new { provider = "globex", claim = "groups", value = "readers", role = "viewer" });
        await using ConsolePage admin = await browser.OpenAsync(servers.Gateway);
        await admin.Page.GotoAsync("/settings/sign-in");
        await Assertions.Expect(admin.Page.GetByRole(AriaRole.Link, new() { Name = "Continue with Globex" })).ToBeVisibleAsync();
        (await admin.FindProblemsAsync()).ShouldBeEmpty();
        await SignInAsync(admin.Page, "Acme", "ada");
        await Assertions.Expect(admin.Page.GetByRole(AriaRole.Heading, new() { Name = "Sign-in", Exact = true })).ToBeVisibleAsync();
        await Assertions.Expect(admin.Page.Locator(".account")).ToContainTextAsync("administrator");

        await using ConsolePage reader = await browser.OpenAsync(servers.Gateway);
        await reader.Page.GotoAsync("/keys");
        await SignInAsync(reader.Page, "Globex", "bob");
        await Assertions.Expect(reader.Page.GetByRole(AriaRole.Heading, new() { Name = "Keys", Exact = true })).ToBeVisibleAsync();
        await Assertions.Expect(reader.Page.Locator(".account")).ToContainTextAsync("viewer");
        await Assertions.Expect(reader.Page.GetByRole(AriaRole.Button, new() { Name = "Issue key" })).ToHaveCountAsync(0);

        await admin.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await admin.Page.GetByRole(AriaRole.Button, new() { Name = "Yes, sign me out" }).ClickAsync();
        await admin.Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" }).WaitForAsync();
        await Assertions.Expect(admin.Page).ToHaveURLAsync(servers.Gateway.Url + "/login");
        // The provider asks for the name again: its session is over, too.
        await admin.Page.GetByRole(AriaRole.Link, new() { Name = "Continue with Acme" }).ClickAsync();
        await admin.Page.Locator("input[name=login]").WaitForAsync();
        admin.ShouldBeWithoutComplaintsOfOurs(servers.Gateway.Url);
    }

    [Fact]
    public async Task Person_WithoutARole_IsToldWhatToDo()
    {
        await SaveRulesAsync();
        await using ConsolePage stranger = await browser.OpenAsync(servers.Gateway);
        await stranger.Page.GotoAsync("/login");
        await SignInAsync(stranger.Page, "Globex", "eve");
        await Assertions.Expect(stranger.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Globex knows you, but nothing gives you a role");
    }

    [Fact]
    public async Task OpenPage_FollowsTheRules_WithoutBeingLoadedAgain()
    {
        string team = await servers.Gateway.CreateAsync("teams", new { name = "search" });
        await servers.Gateway.CreateAsync("teams", new { name = "billing" });
        await servers.Gateway.CreateAsync("keys", new { name = "of-search", team = "search" }, "key");
        await servers.Gateway.CreateAsync("keys", new { name = "of-billing", team = "billing" }, "key");
        await SaveRulesAsync(new { provider = "acme", claim = "email", value = "carl@acme.example", role = "operator", teams = new[] { "search" } });
        await using ConsolePage console = await browser.OpenAsync(servers.Gateway);
        await console.Page.GotoAsync("/keys");
        await SignInAsync(console.Page, "Acme", "carl");
        await Assertions.Expect(console.Page.Locator(".account")).ToContainTextAsync("operator of 1 team");
        await Assertions.Expect(console.Page.GetByText("of-search")).ToBeVisibleAsync();
        await Assertions.Expect(console.Page.GetByText("of-billing")).ToHaveCountAsync(0);

        // Keys of the team: yes, and of that team only.
        await console.Page.GetByRole(AriaRole.Button, new() { Name = "Issue key" }).First.ClickAsync();
        await console.Page.GetByLabel("Name").FillAsync("carls");
        await Assertions.Expect(console.Page.Locator("#key-team option")).ToHaveTextAsync(["search"]);
        await console.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Issue key" }).ClickAsync();
        await console.Page.GetByText("carls is ready").WaitForAsync();
        (await servers.Gateway.GetAsync("keys")).AsArray().Single(k => k!["name"]!.GetValue<string>() == "carls")!["team_id"]!.GetValue<string>().ShouldBe(team);
        // The secret is not shown again: its dialog has one way out.
        await console.Page.Keyboard.PressAsync("Escape");
        await console.Page.GetByRole(AriaRole.Button, new() { Name = "I have copied it" }).ClickAsync();
        await Assertions.Expect(console.Page.GetByText("carls is ready")).ToHaveCountAsync(0);

        await SaveRulesAsync(new { provider = "acme", claim = "email", value = "carl@acme.example", role = "viewer" });
        await Assertions.Expect(console.Page.Locator(".account")).ToContainTextAsync("viewer");
        await SaveRulesAsync();
        await console.Page.GetByRole(AriaRole.Heading, new() { Name = "You are signed out" }).WaitForAsync();
    }

    [Fact]
    public async Task Rules_AreEditedAndTriedInTheConsole()
    {
        await SaveRulesAsync();
        await using ConsolePage console = await browser.OpenAsync(servers.Gateway, width: 390, ColorScheme.Dark);
        await console.Page.GotoAsync("/settings/sign-in");
        await SignInAsync(console.Page, "Acme", "ada");
        await console.Page.GetByRole(AriaRole.Button, new() { Name = "Add rule" }).First.ClickAsync();
        await console.Page.GetByLabel("Claim", new() { Exact = true }).FillAsync("domain");
        await console.Page.GetByLabel("Holds").FillAsync("globex.example");
        await console.Page.GetByLabel("Makes them").SelectOptionAsync("operator");
        (await console.FindProblemsAsync()).ShouldBeEmpty();
        await console.Page.GetByRole(AriaRole.Button, new() { Name = "Save rules" }).ClickAsync();
        await console.Page.GetByText("The rules are saved and in force.").WaitForAsync();

        await console.Page.GetByLabel("Provider", new() { Exact = true }).SelectOptionAsync("globex");
        await console.Page.GetByLabel("Claims", new() { Exact = true }).FillAsync("""{"sub":"x","email":"x@globex.example","email_verified":true}""");
        await console.Page.GetByRole(AriaRole.Button, new() { Name = "Try", Exact = true }).ClickAsync();
        await Assertions.Expect(console.Page.GetByText("by rule 2: domain is globex.example")).ToBeVisibleAsync();
        await console.Page.GetByRole(AriaRole.Button, new() { Name = "Try with my own" }).ClickAsync();
        await Assertions.Expect(console.Page.GetByText("by rule 1: groups is admins")).ToBeVisibleAsync();
        console.ShouldBeWithoutComplaintsOfOurs(servers.Gateway.Url);
    }

    private static async Task SignInAsync(IPage page, string provider, string name)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = $"Continue with {provider}" }).ClickAsync();
        await page.Locator("input[name=login]").FillAsync(name);
        await page.Locator("input[name=password]").FillAsync("any");
        await page.Locator("button[type=submit]").ClickAsync();
        // Its second question: whether the console may know.
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
    }

    private async Task SaveRulesAsync(params object[] rules)
    {
        using var client = new HttpClient(new SocketsHttpHandler());
        client.DefaultRequestHeaders.Add("X-Admin-Key", servers.Gateway.AdminKey);
        using HttpResponseMessage answer = await client.PutAsJsonAsync($"{servers.Gateway.Url}/admin/v1/sign-in/rules", new { rules }, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
