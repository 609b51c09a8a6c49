using Bunit;
using Gateway.Web.Administration;
using Gateway.Web.Components.Pages.Settings;
using Gateway.Web.Storage;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;
using TestContext = Xunit.TestContext;

namespace Gateway.Tests.Components;

public sealed class AuditPageTests : IAsyncLifetime
{
    private ConsoleContext _console = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _console = await ConsoleContext.CreateAsync();

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Fact]
    public void Audit_WithoutChanges_SaysSo() => Open("").Find(".empty h2").TextContent.ShouldBe("Nothing has been changed yet");

    [Fact]
    public async Task Audit_OfJustOnePage_HasNoOlderOne()
    {
        await AddAsync(50, "ada");
        Open("").FindAll(".pager a").ShouldBeEmpty();
        await AddAsync(1, "ada");

        IRenderedComponent<AuditPage> page = Open("");

        page.FindAll(".audit > li").Count.ShouldBe(50);
        string older = page.Find(".pager a").GetAttribute("href")!;
        older.ShouldStartWith("/settings/audit?after=");
        IRenderedComponent<AuditPage> next = Open(older["/settings/audit".Length..]);
        next.FindAll(".audit > li").Count.ShouldBe(1);
        next.Find(".pager").TextContent.ShouldContain("No older ones");
        next.Find(".pager a").GetAttribute("href").ShouldBe("/settings/audit");
    }

    [Fact]
    public async Task Audit_Filters_AreInTheAddressAndHold()
    {
        await AddAsync(3, "ada");
        await AddAsync(2, "bob", "key.delete");

        IRenderedComponent<AuditPage> page = Open("?actor=bob");
        page.FindAll(".audit > li").Count.ShouldBe(2);
        await page.ChangeAsync("select[aria-label='What was done']", "key.delete");

        _console.Get<NavigationManager>().Uri.ShouldEndWith("/settings/audit?actor=bob&action=key.delete");
        Open("?action=model.create").FindAll(".audit > li").Count.ShouldBe(3);
        Open("?actor=ada&action=key.delete").Find(".empty h2").TextContent.ShouldBe("No such change");
    }

    [Fact]
    public async Task Audit_OfAChange_ShowsWhatDiffers()
    {
        await _console.SimulateAsync("m");
        ModelView model = (await _console.Get<ModelAdministration>().ListAsync(Cancel)).Single();
        await _console.Get<ModelAdministration>().UpdateAsync(model.Id, new ModelChange { Description = "for the house" }, new Actor("ada"), Cancel);

        IRenderedComponent<AuditPage> page = Open($"?entity_id={model.Id}&action=model.update");

        page.FindAll(".field-differences dt").Select(d => d.TextContent).ShouldBe(["description"]);
        page.Find(".field-differences ins").TextContent.ShouldBe("for the house");
    }

    private IRenderedComponent<AuditPage> Open(string query)
    {
        _console.Get<NavigationManager>().NavigateTo("/settings/audit" + query);
        IRenderedComponent<AuditPage> page = _console.Render<AuditPage>();
        page.WaitForAssertion(() => page.FindAll(".skeleton").ShouldBeEmpty());
        return page;
    }

    private async Task AddAsync(int count, string actor, string action = "model.create")
    {
        await using GatewayDbContext context = await _console.Get<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync(Cancel);
        for (int i = 0; i < count; i++)
        {
            context.Audit.Add(AuditLog.NewRow(new Actor(actor), new AuditNote(action, "id", "name", null, null), TimeProvider.System.GetUtcNow()));
        }
        await context.SaveChangesAsync(Cancel);
    }
}
