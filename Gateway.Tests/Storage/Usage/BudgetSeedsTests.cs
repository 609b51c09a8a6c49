using Gateway.Core.Accounting.Journaling;
using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Tests.Accounting.Journaling;
using Gateway.Tests.Cluster;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Usage;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Storage.Usage;

public sealed class BudgetSeedsTests
{
    // A node that has the console and gets no calls showed the budget as untouched, and its alerts never came.
    [Fact]
    public async Task OtherNodesSpent_AfterThisOneStarted_IsHeardOfFromTheBooks()
    {
        await using UsageFixture other = await UsageFixture.OpenAsync();
        using var sandbox = new JournalSandbox();
        await using Journal journal = sandbox.Open();
        using InFlightTable table = InFlightTable.Open(sandbox.Directory, TimeProvider.System);
        GatewayCatalog catalog = WithBudget();
        var schema = new DatabaseSchema(other.Database.Plain, other.Database.Migrator, other.Ready, TimeProvider.System);
        using var interrupted = new InterruptedCalls(
            table, journal, catalog, new LocalLimits(TimeProvider.System), other.Database.Plain, schema, TimeProvider.System, new LogLines<InterruptedCalls>());
        using var seeds = new BudgetSeeds(catalog, journal, other.Database.Plain, schema, interrupted, TimeProvider.System, new LogLines<BudgetSeeds>());
        (await seeds.TryReadAsync(all: false, UsageFixture.Cancel)).ShouldBeTrue();
        Spent(catalog).ShouldBe(NanoUsd.Zero);

        await other.AppendAsync([UsageFixture.Record(1, TimeProvider.System.GetUtcNow())]);
        await other.DrainAllAsync();
        (await seeds.TryReadAsync(all: true, UsageFixture.Cancel)).ShouldBeTrue();

        Spent(catalog).ShouldBe(new NanoUsd(1_001));
    }

    private static NanoUsd Spent(GatewayCatalog catalog)
    {
        Budget budget = catalog.Current.Budgets["b"];
        return budget.Meter.Read(budget, TimeProvider.System.GetUtcNow()).Spent;
    }

    private static GatewayCatalog WithBudget()
    {
        var catalog = new GatewayCatalog();
        catalog.Replace(new CatalogDefinition
        {
            Budgets = [new BudgetDefinition { Id = "b", Name = "all", Scope = ScopeKind.Gateway, Amount = NanoUsd.FromDollars(1), Period = BudgetPeriod.Month }],
        }).ShouldBeEmpty();
        catalog.MarkLoaded();
        return catalog;
    }

    // A SQLite file has no other node that would have it look again: hard budgets would let nothing through for good.
    [Fact]
    public async Task ReadFailsAsNobodyExpected_IsReadWhenTheServiceStartsAgain()
    {
        await using UsageFixture books = await UsageFixture.OpenAsync();
        using var sandbox = new JournalSandbox();
        await using Journal journal = sandbox.Open();
        using InFlightTable table = InFlightTable.Open(sandbox.Directory, TimeProvider.System);
        GatewayCatalog catalog = WithBudget();
        var schema = new DatabaseSchema(books.Database.Plain, books.Database.Migrator, books.Ready, TimeProvider.System);
        using var interrupted = new InterruptedCalls(
            table, journal, catalog, new LocalLimits(TimeProvider.System), books.Database.Plain, schema, TimeProvider.System, new LogLines<InterruptedCalls>());
        await interrupted.StartAsync(UsageFixture.Cancel);
        using var seeds = new BudgetSeeds(catalog, journal, books.Database.Plain, schema, interrupted, new Fails(), new LogLines<BudgetSeeds>());
        await seeds.StartAsync(UsageFixture.Cancel);
        await Eventually.TrueAsync(() => seeds.ExecuteTask is { IsFaulted: true });

        await seeds.StartAsync(UsageFixture.Cancel);

        await catalog.Current.Budgets["b"].Meter.Seeded.WaitAsync(Eventually.Limit, UsageFixture.Cancel);
        await seeds.StopAsync(UsageFixture.Cancel);
    }

    /// <summary>A clock that cannot be read the first time.</summary>
    private sealed class Fails : TimeProvider
    {
        private int _reads;

        public override DateTimeOffset GetUtcNow() => Interlocked.Increment(ref _reads) == 1 ? throw new KeyNotFoundException("Nobody thought of this.") : System.GetUtcNow();
    }
}
