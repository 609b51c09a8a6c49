using System.Globalization;
using AngleSharp.Dom;
using Bunit;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Tests.Storage.Usage;
using Gateway.Web.Administration;
using Gateway.Web.Components.Pages.Ledger;
using Gateway.Web.Components.Pages.Overview;
using Gateway.Web.Components.Pages.Prices;
using Gateway.Web.Components.Pages.Requests;
using Gateway.Web.Security;
using Gateway.Web.Storage;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Radzen.Blazor;
using Shouldly;
using Xunit;
using TestContext = Xunit.TestContext;

namespace Gateway.Tests.Components;

public sealed class PricesPageTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();
    private ConsoleContext _console = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _console = await ConsoleContext.CreateAsync();
        await _console.Get<ProviderAdministration>().CreateAsync(
            new ProviderChange { Name = "local", Kind = "openai-compatible", BaseUrl = "http://localhost:9/v1" }, Actor.System, Cancel);
    }

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Fact]
    public async Task Prices_OfTheTable_AreThoseInForceWithTheirSource()
    {
        await SetAsync("gpt-4o", 2, Now.AddDays(-1));
        await SetAsync("gpt-4o", 1, Now.AddDays(-9));

        IRenderedComponent<IComponent> page = Open("/prices?find=gpt-4o");

        IElement[] rows = [.. Rows(page, "gpt-4o")];
        rows.ShouldHaveSingleItem().TextContent.ShouldContain("own");
        rows[0].QuerySelector("[data-label=Input]")!.TextContent.ShouldBe("$2.00");
        Rows(page, "gpt-4o-mini").ShouldHaveSingleItem().TextContent.ShouldContain("built in");
        Rows(Open("/prices?find=gpt-4o&show=all"), "gpt-4o").Count(r => !r.TextContent.Contains("replaced")).ShouldBe(1, "own and built-in ones before it are replaced");
        Rows(Open("/prices?show=own"), "gpt-4o-mini").ShouldBeEmpty();
    }

    [Fact]
    public void Output_OfAnEmbeddingsModel_IsNotThereRatherThanUnknown() =>
        Rows(Open("/prices?find=text-embedding-3-small"), "text-embedding-3-small").ShouldHaveSingleItem().QuerySelector("[data-label=Output]")!.TextContent.ShouldBe("–");

    [Fact]
    public async Task UnknownPrice_Set_IsOfferedForTheCallsThatLackIt()
    {
        await StoreAsync("house-model", 3);
        IRenderedComponent<IComponent> page = Open("/prices");
        page.Find("section[aria-labelledby=unknown-title] tbody tr").TextContent.ShouldContain("house-model");
        // Which ends when the last of its dialogs is closed.
        _ = page.ClickAsync("[aria-label='Set the price of house-model at local']");

        await page.WaitForElementAsync("#price-input");
        await page.ChangeAsync("#price-input", "5");
        page.Find("#price-model").GetAttribute("value").ShouldBe("house-model");
        page.Find("#price-provider").GetAttribute("value").ShouldBe("local");
        await page.ChangeAsync("#price-output", "10");
        await page.InvokeAsync(() => page.FindComponent<PriceDialog>().Find("form").SubmitAsync());

        page.WaitForElement("#reprice-from").GetAttribute("value").ShouldBe(Now.AddDays(-30).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        await page.InvokeAsync(() => page.FindComponent<RepriceForm>().Find("form").SubmitAsync());
        await page.WaitForElementAsync(".rz-dialog .btn-primary");
        Task repricing = page.ClickAsync(".rz-dialog .btn-primary");
        await page.WaitForElementAsync(".rz-dialog .btn-danger-solid");
        await page.ClickAsync(".rz-dialog .btn-danger-solid");
        await repricing;
        await Eventually.TrueAsync(async () => (await CostsAsync()).All(c => c is not null));
        // 100 in at 5, 20 out at 10 a million.
        (await CostsAsync()).ShouldBe([700_000, 700_000, 700_000]);
    }

    [Fact]
    public async Task UnknownPrices_AreToldWhereTheyAreMissed()
    {
        await StoreAsync("house-model", 2);

        Open("/prices?show=unknown").Find("td code").TextContent.ShouldBe("house-model");
        IRenderedComponent<OverviewPage> overview = _console.Render<OverviewPage>();
        overview.WaitForElement("a[href='/prices?show=unknown']");
        overview.Markup.ShouldContain("2 calls of this span have no known cost");
        UsageRecord record = Call("house-model", 0);
        _console.Render<CostTable>(p => p.Add(c => c.Record, record)).Find("a").GetAttribute("href").ShouldBe("/prices?show=unknown&find=house-model");
        IRenderedComponent<RepricePanel> ledger = _console.Render<RepricePanel>();
        ledger.Find("a").GetAttribute("href").ShouldBe("/prices");
    }

    [Fact]
    public async Task UnknownPrices_WithAPriceMeanwhile_AreNotListed()
    {
        await StoreAsync("house-model", 1);
        await SetAsync("house-*", 1, Now.AddDays(-1));

        IRenderedComponent<IComponent> page = Open("/prices?show=unknown");

        page.Find("section[aria-labelledby=unknown-title]").TextContent.ShouldContain("Every model that was called has a price.");
    }

    [Fact]
    public async Task Price_WithoutAnyAmount_IsNotSaved()
    {
        IRenderedComponent<PriceDialog> dialog = _console.Render<PriceDialog>(p => p.Add(d => d.Like, new PriceView { Id = "", Model = "m", EffectiveFrom = Now }));

        await dialog.SubmitAsync("form");

        dialog.WaitForElement("[role=alert]").TextContent.ShouldContain("Say what input or output costs");
        _console.Get<GatewayCatalog>().Current.Definition.Prices.ShouldBeEmpty();
    }

    [Fact]
    public async Task Price_NotFound_IsSetFromThere_AndNothingIsPricedAgainBeforeTheFirstCall()
    {
        IRenderedComponent<IComponent> page = Open("/prices?find=house-model");
        // Which ends when the last of its dialogs is closed.
        Task setting = page.PressAsync("Set a price of house-model");
        await page.WaitForElementAsync("#price-input");
        page.Find("#price-model").GetAttribute("value").ShouldBe("house-model");
        await page.ChangeAsync("#price-input", "5");
        await page.ChangeAsync("#price-output", "10");

        await page.InvokeAsync(() => page.FindComponent<PriceDialog>().Find("form").SubmitAsync());

        page.WaitForAssertion(() => Rows(page, "house-model").ShouldHaveSingleItem().TextContent.ShouldContain("own"));
        await setting.WaitAsync(Eventually.Limit, Cancel);
    }

    [Fact]
    public async Task Price_Ended_GivesTheBuiltInOneBack()
    {
        await SetAsync("gpt-4o", 2, Now.AddDays(-1));
        IRenderedComponent<IComponent> page = Open("/prices?find=gpt-4o");

        Task ending = page.ClickAsync("[aria-label='End the price of gpt-4o']");
        await page.WaitForElementAsync(".rz-dialog .btn-danger-solid");
        await page.ClickAsync(".rz-dialog .btn-danger-solid");
        await ending;

        page.WaitForAssertion(() => Rows(page, "gpt-4o").ShouldHaveSingleItem().TextContent.ShouldContain("built in"));
    }

    [Fact]
    public async Task Prices_ForAViewer_OfferNoChange()
    {
        await StoreAsync("house-model", 1);
        await SetAsync("gpt-4o", 2, Now.AddDays(-1));
        _console.Person.SetPolicies(ConsolePolicies.Viewer);

        Open("/prices").FindAll("main button:not(.pager button)").ShouldBeEmpty();
    }

    [Fact]
    public async Task OwnPrices_StandBeforeTheBuiltInOnes_OfWhichSomeAreShown()
    {
        await SetAsync("zz-house-model", 2, Now.AddDays(-1));
        IRenderedComponent<IComponent> page = Open("/prices");
        page.Find("main .card tbody td.lead code").TextContent.ShouldBe("zz-house-model");
        int shown = page.FindAll("main .card tbody tr").Count;
        await page.ClickAsync(".pager button");
        page.WaitForAssertion(() => page.FindAll("main .card tbody tr").Count.ShouldBe(shown * 2));
    }

    private IRenderedComponent<IComponent> Open(string address)
    {
        _console.Get<NavigationManager>().NavigateTo(address);
        IRenderedComponent<IComponent> page = _console.Render(builder =>
        {
            builder.OpenComponent<RadzenDialog>(0);
            builder.CloseComponent();
            builder.OpenElement(1, "main");
            builder.OpenComponent<PricesPage>(2);
            builder.CloseComponent();
            builder.CloseElement();
        });
        page.WaitForElement(".toolbar");
        return page;
    }

    private static IEnumerable<IElement> Rows(IRenderedComponent<IComponent> page, string model) =>
        page.FindAll("tbody tr").Where(r => r.QuerySelector("td.lead code")?.TextContent == model);

    private Task<AdministrationResult<PriceView>> SetAsync(string model, decimal input, DateTimeOffset from) => _console.Get<PriceAdministration>().CreateAsync(
        new PriceChange { Model = model, InputPerMillion = NanoUsd.FromDollars(input), OutputPerMillion = NanoUsd.FromDollars(input), EffectiveFrom = from }, Actor.System, Cancel);

    private UsageRecord Call(string upstream, int number)
    {
        UsageRecord record = UsageFixture.Record(number, Now.AddMinutes(-2).AddSeconds(-number));
        (record.Provider, record.UpstreamModel, record.Admitted, record.Usage) = ("local", upstream, true, new Usage(UsageSource.Reported, 100, 0, 0, 20, 0));
        record.BackendId = $"{_console.Get<GatewayCatalog>().Current.Providers["local"].Id}/{upstream}";
        record.Cost = null;
        return record;
    }

    private Task StoreAsync(string upstream, int count) => _console.StoreAsync([.. Enumerable.Range(0, count).Select(i => Call(upstream, i))]);

    private async Task<IReadOnlyList<long?>> CostsAsync()
    {
        await using GatewayDbContext context = await _console.Get<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync(Cancel);
        return await context.UsageRecords.Select(r => r.CostNanoUsd).ToListAsync(Cancel);
    }
}
