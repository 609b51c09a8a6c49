using Bunit;
using Gateway.Core.Accounting;
using Gateway.Tests.Storage.Usage;
using Gateway.Web.Administration;
using Gateway.Web.Administration.Appearances;
using Gateway.Web.Components.Pages.Overview;
using Gateway.Web.Security;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Shouldly;
using Xunit;
using TestContext = Xunit.TestContext;

namespace Gateway.Tests.Components;

public sealed class FirstStepsTests : IAsyncLifetime
{
    private ConsoleContext _console = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _console = await ConsoleContext.CreateAsync();
        await _console.Get<DemonstrationCatalog>().CreateAsync(Cancel);
    }

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Fact]
    public async Task FirstSteps_AfterTheDemonstrationsCall_AreStillThere()
    {
        await _console.StoreAsync(Call("simulated"));
        IRenderedComponent<OverviewPage> page = _console.Render<OverviewPage>();
        page.WaitForElement(".first-steps");
        page.FindAll(".first-steps li.done").ShouldBeEmpty();

        await ProviderAsync();
        await _console.Get<ModelAdministration>().CreateAsync(new ModelChange { Name = "own", Backends = new BackendChange[] { new() { Provider = "local" } } }, Actor.System, Cancel);
        await _console.Get<KeyAdministration>().CreateAsync(new KeyChange { Name = "app" }, Actor.System, Cancel);
        IRenderedComponent<OverviewPage> later = _console.Render<OverviewPage>();
        later.WaitForAssertion(() => later.FindAll(".first-steps li.done").Count.ShouldBe(3));
        later.FindAll(".first-steps li:not(.done) a").ShouldHaveSingleItem().TextContent.ShouldBe("Call it through the gateway");

        await using (GatewayDbContext context = await _console.Get<AdministrationDatabase>().OpenAsync(Cancel))
        {
            context.UsageRollups.Add(new UsageRollupRow { Resolution = RollupResolution.Day, Provider = "local", Requests = 1 });
            await context.SaveChangesAsync(Cancel);
        }
        IRenderedComponent<OverviewPage> done = _console.Render<OverviewPage>();
        done.WaitForElement(".stats a");
        done.FindAll(".first-steps").ShouldBeEmpty();
    }

    [Fact]
    public async Task FirstSteps_Closed_StayAwayForThisPerson()
    {
        await _console.StoreAsync(Call("simulated"));
        IRenderedComponent<OverviewPage> page = _console.Render<OverviewPage>();
        await page.WaitForElementAsync(".first-steps button");
        await page.ClickAsync(".first-steps button");

        page.WaitForAssertion(() => page.FindAll(".first-steps").ShouldBeEmpty());
        Actor person = await _console.Get<CurrentOperator>().LookAsync();
        (await _console.Get<AppearanceAdministration>().GetAsync(person, Cancel)).HidesFirstSteps.ShouldBeTrue();
        (await _console.Get<AppearanceAdministration>().GetAsync(new Actor("somebody else"), Cancel)).HidesFirstSteps.ShouldBeFalse();
    }

    private Task<AdministrationResult<ProviderView>> ProviderAsync() => _console.Get<ProviderAdministration>().CreateAsync(
        new ProviderChange { Name = "local", Kind = "openai-compatible", BaseUrl = "http://localhost:9/v1" }, Actor.System, Cancel);

    private static UsageRecord Call(string provider)
    {
        UsageRecord record = UsageFixture.Record(1, TimeProvider.System.GetUtcNow().AddMinutes(-1));
        (record.Provider, record.Admitted, record.ErrorKind) = (provider, true, null);
        return record;
    }
}
