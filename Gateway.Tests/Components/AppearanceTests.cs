using Bunit;
using Gateway.Core.Accounting;
using Gateway.Web.Administration;
using Gateway.Web.Administration.Appearances;
using Gateway.Web.Components;
using Gateway.Web.Components.Controls;
using Gateway.Web.Components.Layout;
using Gateway.Web.Components.Pages.Requests;
using Gateway.Web.Components.Pages.Settings;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Components;

/// <summary>What a person chooses, where it is kept, and that pages follow it.</summary>
public sealed class AppearanceTests : IAsyncLifetime
{
    private static readonly Actor Ada = new("console:ada");

    private ConsoleContext _console = null!;

    public async ValueTask InitializeAsync() => _console = await ConsoleContext.CreateAsync();

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    private static CancellationToken Cancel => Xunit.TestContext.Current.CancellationToken;

    [Fact]
    public async Task Choices_OfEachKind_HoldAtOnceAndAreKept()
    {
        IRenderedComponent<AppearancePart> part = _console.Render<AppearancePart>();
        Checked(part).ShouldBe(["System theme", "The browser's", "5 min ago", "1,234.5"]);

        await ChooseAsync(part, "UTC");
        await ChooseAsync(part, "1.234,5");
        part.Markup.ShouldContain("1.234.567 tokens");
        (await ReadAsync()).ShouldBe(new Appearance { Zone = "UTC", Figures = FigureStyle.PointComma });

        await ChooseAsync(part, "Another");
        (await ReadAsync()).Zone.ShouldBe("UTC");
        await part.ChangeAsync("#appearance-other", "atlantis");
        part.Find("[role=alert]").TextContent.ShouldContain("No zone is called that");
        (await ReadAsync()).Zone.ShouldBe("UTC");
        await part.ChangeAsync("#appearance-other", "tokyo");
        part.FindAll("[role=alert]").ShouldBeEmpty();
        part.Markup.ShouldContain("+09:00");
        (await ReadAsync()).Zone.ShouldBe("Asia/Tokyo");

        await ChooseAsync(part, "The browser's");
        (await ReadAsync()).Zone.ShouldBeNull();
        await using GatewayDbContext context = await _console.Get<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync(Cancel);
        (await context.Documents.CountAsync(d => d.Kind == "appearance", Cancel)).ShouldBe(1);
    }

    [Fact]
    public async Task Choice_OfOnePerson_IsNobodyElses()
    {
        AppearanceAdministration administration = _console.Get<AppearanceAdministration>();
        await administration.SaveAsync(new Appearance { Zone = "Asia/Tokyo", Ages = false }, new Actor("console:bob"), Cancel);
        PersonalAppearance appearance = _console.Get<PersonalAppearance>();
        await appearance.LoadAsync();
        appearance.Chosen.ShouldBe(new Appearance());
        _console.Get<Show>().ZoneName.ShouldBe("UTC");
    }

    [Fact]
    public async Task Choice_ThatANewerVersionWrote_IsTheUsualOne()
    {
        await using (GatewayDbContext context = await _console.Get<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync(Cancel))
        {
            context.Documents.Add(new DocumentRow { Id = Guid.NewGuid().ToString("N"), Kind = "appearance", Owner = Ada.Name, Name = "", BodyJson = """{"zone":"UTC","moon":true}""" });
            await context.SaveChangesAsync(Cancel);
        }
        (await ReadAsync()).ShouldBe(new Appearance());
    }

    [Fact]
    public async Task Appearance_OfTheBrowser_IsAskedBeforeThePage()
    {
        await using var browser = await ConsoleContext.CreateAsync();
        browser.JSInterop.Mode = JSRuntimeMode.Loose;
        await browser.Get<AppearanceAdministration>().SaveAsync(new Appearance { Figures = FigureStyle.SpaceComma }, Ada, Cancel);
        PersonalAppearance appearance = browser.Get<PersonalAppearance>();
        await appearance.LoadAsync();
        browser.JSInterop.VerifyInvoke("consoleTheme.browser");
        browser.Get<Show>().Count(1_234).ShouldBe("1\u00a0234");
    }

    [Fact]
    public async Task Theme_ChosenOnce_IsTheSameInBothSwitches()
    {
        IRenderedComponent<AppearancePart> part = _console.Render<AppearancePart>();
        IRenderedComponent<ThemeSwitch> menu = _console.Render<ThemeSwitch>();
        await menu.ClickAsync("[aria-label='Dark theme']");
        menu.Find("[aria-checked=true]").GetAttribute("aria-label").ShouldBe("Dark theme");
        await part.WaitForAssertionAsync(() => Checked(part)[0].ShouldBe("Dark theme"));
        _console.JSInterop.VerifyInvoke("consoleTheme.set").Arguments.ShouldBe(["dark"]);
    }

    [Fact]
    public async Task Requests_ByTheClockChosen_ShowsTimesAndFigures()
    {
        await _console.Get<PersonalAppearance>().ChooseAsync(new Appearance { Zone = "Asia/Kolkata", Figures = FigureStyle.PointComma });
        var record = new UsageRecord { StartedAt = new DateTimeOffset(2025, 3, 1, 20, 0, 0, TimeSpan.Zero), DurationUs = 1_250_000 };
        IRenderedComponent<RequestTable> table = _console.Render<RequestTable>(p => p.Add(t => t.Records, [record]));
        AngleSharp.Dom.IElement time = table.Find("time");
        time.TextContent.ShouldBe("2025-03-02 01:30:00");
        time.GetAttribute("title").ShouldBe("2025-03-02 01:30:00 +05:30");
        time.GetAttribute("datetime").ShouldBe("2025-03-01T20:00:00.0000000+00:00");
        table.Find("tbody tr").TextContent.ShouldContain("1,25 s");
    }

    [Fact]
    public async Task RangePicker_ByTheClockChosen_KeepsTheSameInstants()
    {
        await _console.Get<PersonalAppearance>().ChooseAsync(new Appearance { Zone = "America/New_York" });
        var range = TimeRange.Between(new DateTimeOffset(2026, 7, 1, 2, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 7, 1, 4, 0, 0, TimeSpan.Zero));
        TimeRange? chosen = null;
        IRenderedComponent<RangePicker> picker = _console.Render<RangePicker>(p => p.Add(r => r.Value, range).Add(r => r.ValueChanged, r => chosen = r));
        picker.FindAll(".segments button")[^1].TextContent.ShouldBe("06-30 22:00 – 07-01 00:00");
        await picker.InvokeAsync(() => picker.FindAll(".segments button")[^1].ClickAsync());
        picker.Find("label[for=range-from]").TextContent.ShouldBe("From (America/New_York)");
        picker.Find("#range-from").GetAttribute("value").ShouldStartWith("2026-06-30T22:00");
        await picker.SubmitAsync("form");
        (chosen!.From, chosen.To).ShouldBe((range.From, range.To));
        chosen.ToQuery().First(q => q.Name == "from").Value.ShouldBe("2026-07-01T02:00:00Z");
    }

    private static string?[] Checked(IRenderedComponent<AppearancePart> part) =>
        [.. part.FindAll("[role=radio][aria-checked=true]").Select(b => b.GetAttribute("aria-label") ?? b.TextContent)];

    private static Task ChooseAsync(IRenderedComponent<AppearancePart> part, string text) =>
        part.PressAsync(text, "[role=radio]");

    private Task<Appearance> ReadAsync() => _console.Get<AppearanceAdministration>().GetAsync(Ada, Cancel);
}
