using System.Text;
using Bunit;
using Gateway.Web.Administration;
using Gateway.Web.Components.Pages.Settings;
using Gateway.Web.Storage.Catalog;
using Microsoft.AspNetCore.Components.Forms;
using Shouldly;
using Xunit;
using TestContext = Xunit.TestContext;

namespace Gateway.Tests.Components;

public sealed class BackupPageTests : IAsyncLifetime
{
    private const string Passphrase = "four words and a comma,";
    private ConsoleContext _console = null!;

    public async ValueTask InitializeAsync() => _console = await ConsoleContext.CreateAsync();

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Fact]
    public async Task Make_PassphrasesDiffer_SaysSoAndMakesNothing()
    {
        IRenderedComponent<BackupPage> page = _console.Render<BackupPage>();
        await page.ChangeAsync("#backup-passphrase", Passphrase);
        await page.ChangeAsync("#backup-again", Passphrase + "x");

        await page.SubmitAsync("form");

        page.Find(".problem").TextContent.ShouldBe("The two are not the same.");
        _console.JSInterop.Invocations.ShouldNotContain(i => i.Identifier == "consolePage.download");
    }

    [Fact]
    public async Task Make_ThenRestore_ShowsWhatWouldChangeBeforeItDoes()
    {
        IRenderedComponent<BackupPage> page = _console.Render<BackupPage>();
        await page.ChangeAsync("#backup-passphrase", Passphrase);
        await page.ChangeAsync("#backup-again", Passphrase);
        await page.SubmitAsync("form");
        page.WaitForAssertion(() => _console.JSInterop.Invocations.ShouldContain(i => i.Identifier == "consolePage.download"));
        string file = (string)_console.JSInterop.Invocations.Single(i => i.Identifier == "consolePage.download").Arguments[2]!;
        page.Find("#backup-passphrase").GetAttribute("value").ShouldBeNullOrEmpty();
        await _console.Get<ModelAdministration>().CreateAsync(new ModelChange { Name = "later" }, Actor.System, TestContext.Current.CancellationToken);

        page.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromBinary(Encoding.UTF8.GetBytes(file), "gateway.backup.json"));
        await page.ChangeAsync("#restore-passphrase", "not " + Passphrase);
        await page.InvokeAsync(() => page.FindAll("form")[1].SubmitAsync());
        page.WaitForAssertion(() => page.Markup.ShouldContain("The passphrase is not the one that the backup was made with"));
        await page.ChangeAsync("#restore-passphrase", Passphrase);
        await page.InvokeAsync(() => page.FindAll("form")[1].SubmitAsync());

        page.WaitForAssertion(() => page.Find(".differences").TextContent.ShouldContain("later"));
        _console.Get<CatalogSources>().Database.Definition.Models.ShouldContain(m => m.Name == "later");
        await page.PressAsync("Restore");
        page.WaitForAssertion(() => _console.Get<CatalogSources>().Database.Definition.Models.ShouldNotContain(m => m.Name == "later"));
        page.WaitForAssertion(() => page.FindAll("#restore-file").ShouldNotBeEmpty());
    }

    [Fact]
    public void Restore_OfAnotherFile_SaysWhatItIsNot()
    {
        IRenderedComponent<BackupPage> page = _console.Render<BackupPage>();

        page.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromText("name: something else", "gateway.yaml"));

        page.WaitForAssertion(() => page.Markup.ShouldContain("This is no backup of a gateway"));
    }
}
