using AngleSharp.Dom;
using Bunit;
using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Web.Administration;
using Gateway.Web.Components.Controls;
using Gateway.Web.Components.Pages.Budgets;
using Gateway.Web.Security;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;
using TestContext = Xunit.TestContext;

namespace Gateway.Tests.Components;

public sealed class BudgetsPageTests : IAsyncLifetime
{
    private ConsoleContext _console = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _console = await ConsoleContext.CreateAsync();

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Fact]
    public void Budgets_WithoutAny_SaysWhatTheyAre()
    {
        IRenderedComponent<BudgetsPage> page = _console.Render<BudgetsPage>();
        page.WaitForAssertion(() => page.Find(".empty h2").TextContent.ShouldBe("No budget yet"));
        page.Markup.ShouldContain("None is set on a team");
    }

    [Fact]
    public async Task Budgets_Unspent_SaysNothingAndNotZero()
    {
        await AddAsync(new BudgetChange { Name = "fresh", Scope = "gateway", AmountUsd = NanoUsd.FromDollars(25), TimeZone = "Europe/Berlin" });
        IElement card = Card("fresh");
        card.TextContent.ShouldContain("$25.00 per month");
        card.TextContent.ShouldContain("Nothing spent yet");
        card.TextContent.ShouldContain("00:00 Europe/Berlin");
        Figures(card).ShouldBe(["nothing", Show.Nothing, "$25.00"]);
        card.TextContent.ShouldContain("hard");
    }

    [Fact]
    public async Task Budgets_Overspent_SaysWhatHappens()
    {
        await AddAsync(new BudgetChange { Name = "hard", Scope = "gateway", AmountUsd = NanoUsd.FromDollars(1) });
        await AddAsync(new BudgetChange { Name = "soft", Scope = "gateway", AmountUsd = NanoUsd.FromDollars(1), Hard = false });
        Spend("hard", 1.5m, 0.25m);
        Spend("soft", 1.5m, 0);
        IElement hard = Card("hard");
        hard.TextContent.ShouldContain("Spent: further calls are refused");
        Figures(hard).ShouldBe(["$1.50", "$0.250", "−$0.750"]);
        hard.QuerySelector(".budget-spent")!.GetAttribute("style").ShouldBe("width:100%");
        Card("soft").TextContent.ShouldContain("Spent: calls go on");
    }

    [Fact]
    public async Task Budgets_SpentTooFast_ForecastTheDay()
    {
        await AddTermAsync("fast");
        await AddTermAsync("slow");
        await RecordAsync(dollars: 0.01m);
        Spend("fast", 8, 0);
        Spend("slow", 2, 0);
        // Two dollars are left at 0.24 a day.
        Card("fast").TextContent.ShouldContain("At this rate spent by");
        Card("slow").TextContent.ShouldContain("Will last at this rate");
        Card("fast").QuerySelector("a[aria-label='Burn-down of fast']")!.GetAttribute("href").ShouldBe($"/budgets/{IdOf("fast")}");
    }

    [Fact]
    public async Task Budgets_WithTooFewRecords_ClaimNothing()
    {
        await AddTermAsync("new");
        Spend("new", 1, 0);
        Card("new").TextContent.ShouldContain("Too little recorded for a forecast");
    }

    [Fact]
    public async Task Budget_Recorded_IsDrawnAndToldInWords()
    {
        await AddTermAsync("fast");
        await RecordAsync(dollars: 0.01m);
        Spend("fast", 8, 0);
        IRenderedComponent<BudgetPage> page = _console.Render<BudgetPage>(p => p.Add(b => b.Id, IdOf("fast")));
        page.WaitForAssertion(() => page.Find(".burn-down-word").TextContent.ShouldStartWith("At this pace it is spent on "));
        IReadOnlyList<ChartSeries> series = page.FindComponent<TimeChart>().Instance.Series;
        series.Select(s => s.Name).ShouldBe(["Four out of five", "Evenly spent", "Left", "Forecast"]);
        series[0].Lower!.Count.ShouldBe(series[0].Points.Count);
        series[2].Points[0].Value.ShouldBe(10);
        series[2].Points[^1].Value.ShouldBeNull("the future is not recorded");
        page.FindAll("tbody tr").Count.ShouldBe(series[0].Points.Count);
    }

    [Fact]
    public async Task Budget_UnspentOffOrGone_SaysSo()
    {
        await AddAsync(new BudgetChange { Name = "fresh", Scope = "gateway", AmountUsd = NanoUsd.FromDollars(25) });
        await AddAsync(new BudgetChange { Name = "off", Scope = "gateway", AmountUsd = NanoUsd.FromDollars(25), Active = false });
        IRenderedComponent<BudgetPage> fresh = _console.Render<BudgetPage>(p => p.Add(b => b.Id, IdOf("fresh")));
        fresh.WaitForAssertion(() => fresh.Find(".burn-down-word").TextContent.ShouldBe("Nothing was spent yet."));
        fresh.FindComponent<TimeChart>().Instance.Series.Select(s => s.Name).ShouldBe(["Evenly spent", "Left"]);
        IRenderedComponent<BudgetPage> off = _console.Render<BudgetPage>(p => p.Add(b => b.Id, IdOf("off")));
        off.WaitForAssertion(() => off.Find(".burn-down-word").TextContent.ShouldContain("It is off"));
        off.FindAll(".chart").ShouldBeEmpty();
        IRenderedComponent<BudgetPage> gone = _console.Render<BudgetPage>(p => p.Add(b => b.Id, "gone"));
        gone.WaitForAssertion(() => gone.Find(".empty h2").TextContent.ShouldBe("There is no such budget"));
    }

    [Fact]
    public async Task Budgets_OverriddenOrOff_AreMarked()
    {
        await AddAsync(new BudgetChange
        {
            Name = "more",
            Scope = "gateway",
            AmountUsd = NanoUsd.FromDollars(10),
            ExtraUsd = NanoUsd.FromDollars(5),
            ExtraUntil = new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero),
        });
        await AddAsync(new BudgetChange { Name = "off", Scope = "gateway", AmountUsd = NanoUsd.FromDollars(10), Active = false });
        IElement more = Card("more");
        more.TextContent.ShouldContain("$5.00 more until 2099-01-01 00:00 UTC");
        Figures(more)[2].ShouldBe("$15.00");
        Card("off").TextContent.ShouldContain("It is off");
        Card("off").QuerySelectorAll(".budget-bar").ShouldBeEmpty();
    }

    [Fact]
    public async Task Budgets_ForAViewer_OfferNoChange()
    {
        await AddAsync(new BudgetChange { Name = "seen", Scope = "gateway", AmountUsd = NanoUsd.FromDollars(1) });
        await _console.Get<LimitAdministration>().SetAsync("gateway", "", new LimitChange { RpmLimit = 1200 }, Actor.System, Cancel);
        _console.Person.SetPolicies(ConsolePolicies.Viewer);
        IRenderedComponent<BudgetsPage> page = _console.Render<BudgetsPage>();
        page.WaitForAssertion(() => page.FindAll("article").Count.ShouldBe(1));
        page.FindAll("button").ShouldBeEmpty();
        page.Find("tbody tr").TextContent.ShouldContain("1,200");
    }

    [Fact]
    public async Task Dialog_FilledIn_CreatesTheBudget()
    {
        await _console.Get<TeamAdministration>().CreateAsync(new TeamChange { Name = "search" }, Actor.System, Cancel);
        IRenderedComponent<BudgetDialog> dialog = _console.Render<BudgetDialog>();
        await dialog.ChangeAsync("#budget-name", "monthly");
        await dialog.ChangeAsync("#scope-kind", "team");
        await dialog.ChangeAsync("#scope-of", _console.Get<TeamAdministration>().List()[0].Id);
        await dialog.ChangeAsync("#budget-amount", "12.5");
        await dialog.ChangeAsync("#budget-period", "fixed");
        await dialog.ChangeAsync("#budget-zone", "Europe/Berlin");
        await dialog.ChangeAsync("#budget-first", "2027-03-01");
        await dialog.ChangeAsync("#budget-last", "2027-03-31");
        await dialog.ChangeAsync("#budget-extra", "3");
        await dialog.SubmitAsync("form");
        dialog.Find("[role=alert]").TextContent.ShouldContain("until which day");
        await dialog.ChangeAsync("#budget-extra-until", "2027-03-10");
        await dialog.SubmitAsync("form");
        BudgetView budget = _console.Get<BudgetAdministration>().List().ShouldHaveSingleItem();
        (budget.OfName, budget.AmountUsd, budget.Period).ShouldBe(("search", NanoUsd.FromDollars(12.5m), "fixed"));
        budget.StartsAt.ShouldBe(new DateTimeOffset(2027, 2, 28, 23, 0, 0, TimeSpan.Zero));
        budget.EndsAt.ShouldBe(new DateTimeOffset(2027, 3, 31, 22, 0, 0, TimeSpan.Zero), "clocks went forward in between");
        budget.ExtraUntil.ShouldBe(new DateTimeOffset(2027, 3, 10, 23, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public async Task Dialog_OfAHardAndOfASoftBudget_SaysWhichItIs()
    {
        IRenderedComponent<BudgetDialog> dialog = _console.Render<BudgetDialog>();
        dialog.Find("#budget-hard").GetAttribute("value").ShouldBe("hard");
        await dialog.ChangeAsync("#budget-name", "b");
        await dialog.ChangeAsync("#budget-amount", "1");
        await dialog.ChangeAsync("#budget-hard", "soft");
        await dialog.SubmitAsync("form");
        BudgetView soft = _console.Get<BudgetAdministration>().List().ShouldHaveSingleItem();
        soft.Hard.ShouldBeFalse();
        _console.Render<BudgetDialog>(p => p.Add(d => d.Budget, soft)).Find("#budget-hard").GetAttribute("value").ShouldBe("soft");
    }

    [Fact]
    public async Task Dialog_OfAnUnknownZone_SaysSo()
    {
        IRenderedComponent<BudgetDialog> dialog = _console.Render<BudgetDialog>();
        await dialog.ChangeAsync("#budget-name", "b");
        await dialog.ChangeAsync("#budget-amount", "1");
        await dialog.ChangeAsync("#budget-zone", "Mars/Olympus");
        await dialog.SubmitAsync("form");
        dialog.Find("[role=alert]").TextContent.ShouldContain("Mars/Olympus");
        _console.Get<BudgetAdministration>().List().ShouldBeEmpty();
    }

    [Fact]
    public void Form_SavedUnchanged_LeavesInstantsAlone()
    {
        var at = new DateTimeOffset(2027, 1, 1, 15, 30, 0, TimeSpan.Zero);
        var view = new BudgetView { Id = "b", Name = "b", Scope = "gateway", Of = "", OfName = "", Period = "fixed", StartsAt = at, EndsAt = at.AddDays(3), AmountUsd = NanoUsd.FromDollars(1) };
        BudgetForm form = BudgetForm.From(view);
        BudgetChange change = form.ToChange(out _)!;
        (change.StartsAt.HasValue, change.EndsAt.HasValue).ShouldBe((false, false));
        form.LastDay = new DateOnly(2027, 1, 10);
        form.ToChange(out _)!.EndsAt.Value.ShouldBe(new DateTimeOffset(2027, 1, 11, 0, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public async Task LimitDialog_OfTheGateway_SavesAndRemoves()
    {
        IRenderedComponent<LimitDialog> dialog = _console.Render<LimitDialog>();
        await dialog.ChangeAsync("#limit-rpm", "100");
        await dialog.ChangeAsync("#limit-parallel", "8");
        await dialog.SubmitAsync("form");
        LimitView limit = _console.Get<LimitAdministration>().List().ShouldHaveSingleItem();
        (limit.RpmLimit, limit.TpmLimit, limit.MaxParallel).ShouldBe((100, 0, 8));
        IRenderedComponent<LimitDialog> again = _console.Render<LimitDialog>(p => p.Add(d => d.Limit, limit));
        await again.ChangeAsync("#limit-rpm", "");
        await again.ChangeAsync("#limit-parallel", "0");
        await again.SubmitAsync("form");
        _console.Get<LimitAdministration>().List().ShouldBeEmpty();
    }

    private string IdOf(string name) => _console.Get<BudgetAdministration>().List().Single(b => b.Name == name).Id;

    private Task AddTermAsync(string name)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return AddAsync(new BudgetChange { Name = name, Scope = "gateway", AmountUsd = NanoUsd.FromDollars(10), Period = "fixed", StartsAt = now.AddDays(-10), EndsAt = now.AddDays(10) });
    }

    // The same in every hour of the last ten days but the present one.
    private async Task RecordAsync(decimal dollars)
    {
        await using GatewayDbContext context = await _console.Get<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync(Cancel);
        long hour = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 3_600_000;
        context.UsageRollups.AddRange(Enumerable.Range(1, 240).Select(back => new UsageRollupRow
        {
            Resolution = RollupResolution.Hour,
            BucketStartMs = (hour - back) * 3_600_000,
            Model = "m",
            Requests = 1,
            CostNanoUsd = NanoUsd.FromDollars(dollars).Value,
        }));
        await context.SaveChangesAsync(Cancel);
    }

    private async Task AddAsync(BudgetChange change)
    {
        AdministrationResult<BudgetView> result = await _console.Get<BudgetAdministration>().CreateAsync(change, Actor.System, Cancel);
        result.IsDone.ShouldBeTrue(result.Message);
    }

    private void Spend(string name, decimal dollars, decimal reserved)
    {
        Budget budget = _console.Get<GatewayCatalog>().Current.Budgets.Values.Single(b => b.Name == name);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        budget.Meter.TryReserve(budget, NanoUsd.Zero, now).ShouldBeTrue();
        if (reserved > 0)
        {
            budget.Meter.TryReserve(budget, NanoUsd.FromDollars(reserved), now).ShouldBeTrue();
        }
        budget.Meter.Settle(budget, NanoUsd.Zero, NanoUsd.FromDollars(dollars), now, now);
    }

    private IElement Card(string name)
    {
        IRenderedComponent<BudgetsPage> page = _console.Render<BudgetsPage>();
        page.WaitForAssertion(() => page.Find($"article[aria-label={name}]"));
        return page.Find($"article[aria-label={name}]");
    }

    private static string[] Figures(IElement card) => [.. card.QuerySelectorAll(".budget-figures dd").Select(d => d.TextContent)];
}
