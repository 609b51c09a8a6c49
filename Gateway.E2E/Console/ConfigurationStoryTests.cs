using System.Net.Http.Headers;
using System.Net.Http.Json;
using Gateway.E2E.Hosting;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace Gateway.E2E.Console;

/// <summary>A change of the whole configuration: drafted, looked at, tried on recorded calls, applied, and taken back; and as a file.</summary>
public sealed class ConfigurationStoryTests(RunningGateway gateway, ChromiumBrowser browser) : IClassFixture<RunningGateway>, IClassFixture<ChromiumBrowser>
{
    [Fact]
    public async Task Configuration_DraftedTriedAppliedAndTakenBack_ThenAsAFile()
    {
        await CallAsync();
        await using ConsolePage console = await browser.OpenAsync(gateway);
        IPage page = console.Page;
        await console.SignInAsync();

        // A draft of what is in force, with one model more.
        await console.GoAsync("/configuration/drafts");
        await page.GetByLabel("New draft of the present configuration").FillAsync("One more model");
        await page.GetByRole(AriaRole.Button, new() { Name = "Start draft" }).ClickAsync();
        ILocator text = page.GetByLabel("Configuration as YAML");
        await Assertions.Expect(page.GetByText("Nothing: it is what is in force.")).ToBeVisibleAsync();
        string yaml = await text.InputValueAsync();
        await text.FillAsync(yaml.Replace("models:\n", "models:\n  - name: sim-more\n    backends:\n      - provider: simulated\n        upstream_model: sim-chat\n", StringComparison.Ordinal));
        await page.GetByRole(AriaRole.Button, new() { Name = "Save and check" }).ClickAsync();
        await Assertions.Expect(page.Locator(".differences")).ToContainTextAsync("sim-more");

        // The recorded call would go as it went.
        await page.GetByRole(AriaRole.Button, new() { Name = "Compare" }).ClickAsync();
        await Assertions.Expect(page.GetByText("With the draft every one would go as it went")).ToBeVisibleAsync();
        (await console.FindProblemsAsync()).ShouldBeEmpty();

        // Applied it is a version, which shows what it changed.
        await page.GetByRole(AriaRole.Button, new() { Name = "Apply 1 change" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Apply draft" }).ClickAsync();
        await page.WaitForURLAsync("**/configuration?version=*");
        await Assertions.Expect(page.Locator(".detail .differences")).ToContainTextAsync("sim-more");
        (await Names()).ShouldContain("sim-more");
        (await console.FindProblemsAsync()).ShouldBeEmpty();

        // The version before: one click, after a look at what it takes back.
        await page.Locator("tbody tr").Nth(1).GetByRole(AriaRole.Link).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Go back to this version" }).ClickAsync();
        await Assertions.Expect(page.Locator(".detail .differences")).ToContainTextAsync("sim-more");
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Go back to version") }).ClickAsync();
        await Assertions.Expect(page.Locator("tbody tr").First).ToContainTextAsync("rollback");
        (await Names()).ShouldNotContain("sim-more");

        // Out as a file and in again: nothing is different.
        await console.GoAsync("/configuration/transfer");
        string exported = await page.GetByLabel("The configuration as YAML").InnerTextAsync();
        exported.ShouldNotContain(gateway.Key);
        await page.GetByLabel("It is").SelectOptionAsync("replace");
        await page.GetByLabel("Name of the draft").FillAsync("Back again");
        await page.GetByLabel("Or its text").FillAsync(exported);
        await page.GetByRole(AriaRole.Button, new() { Name = "Make a draft" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Nothing: it is what is in force.")).ToBeVisibleAsync();

        // A LiteLLM proxy's file: what became of each setting.
        await console.GoAsync("/configuration/transfer");
        await page.GetByLabel("File (YAML)").SetInputFilesAsync(new FilePayload
        {
            Name = "proxy.yaml",
            MimeType = "application/yaml",
            Buffer = """
                model_list:
                  - model_name: small
                    litellm_params:
                      model: openai/gpt-4o-mini
                      api_key: os.environ/OPENAI_API_KEY
                      unheard_of: 3
                """u8.ToArray(),
        });
        await Assertions.Expect(page.GetByLabel("Made by")).ToHaveValueAsync("litellm");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make a draft" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("^unsupported") }).ClickAsync();
        await Assertions.Expect(page.Locator(".report tbody tr")).ToHaveCountAsync(1);
        await Assertions.Expect(page.Locator(".report tbody tr")).ToContainTextAsync("unheard_of");
        (await console.FindProblemsAsync()).ShouldBeEmpty();
        console.ShouldBeWithoutComplaints();
    }

    private async Task<IEnumerable<string>> Names() => (await gateway.GetAsync("models")).AsArray().Select(m => m!["name"]!.GetValue<string>());

    private async Task CallAsync()
    {
        using var client = new HttpClient(new SocketsHttpHandler()) { BaseAddress = new Uri(gateway.Url) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", gateway.Key);
        using HttpResponseMessage answer = await client.PostAsJsonAsync("/v1/chat/completions", new { model = "sim-chat", messages = new[] { new { role = "user", content = "hello" } } }, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
    }
}
