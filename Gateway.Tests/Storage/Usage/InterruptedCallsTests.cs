using Gateway.Core.Accounting;
using Gateway.Core.Accounting.Journaling;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Tests.Accounting.Journaling;
using Gateway.Tests.Cluster;
using Gateway.Tests.Hosting;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Usage;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Storage.Usage;

/// <summary>What the books say of calls that a killed process was running.</summary>
public sealed class InterruptedCallsTests
{
    // After failover, or by weight, it is not the model's first backend that had the call.
    [Fact]
    public void Estimate_OfACallThatASecondBackendHad_IsThatBackendsAtItsPrice()
    {
        UsageRecord record = InterruptedCalls.Estimate(Call(InterruptedCall.MarkOf("b1")), Catalog());

        (record.Provider, record.BackendId, record.UpstreamModel).ShouldBe(("provider-1", "b1", "real-model"));
        record.Cost.ShouldBe(new NanoUsd(30 * 2000));
        record.ErrorMessage!.ShouldNotContain("not known");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(12345)]
    public void Estimate_BackendIsNotKnown_TakesTheFirstAndSaysSo(int mark)
    {
        UsageRecord record = InterruptedCalls.Estimate(Call(mark), Catalog());

        record.Provider.ShouldBe("provider-0");
        record.Cost.ShouldBe(new NanoUsd(30 * 1000));
        record.ErrorMessage!.ShouldContain("is not known");
    }

    // What is forgotten while the journal takes nothing is never in the books.
    [Fact]
    public async Task DiskIsFullAtTheStart_CallsAreKeptUntilTheJournalTakesThem()
    {
        using var sandbox = new JournalSandbox();
        await using TestDatabase database = await TestDatabase.SqliteAsync();
        await using Journal journal = sandbox.Open();
        await Eventually.TrueAsync(() => Directory.GetFiles(sandbox.Directory, "*.journal").Length == 3);
        // As in JournalFullDiskTests: fails as a full disk does.
        string obstacle = SegmentFile.PathOf(sandbox.Directory, journal.End.Segment + 3) + ".new";
        Directory.CreateDirectory(obstacle);
        while (await journal.AppendAsync(JournalSandbox.Record("filler")))
        {
            await Task.Yield();
        }
        long refused = journal.Refused;
        UsageRecord ran = Call(0).Record;
        using InFlightTable died = InFlightTable.Open(sandbox.Directory, TimeProvider.System);
        died.Begin(ran, 10);
        using InFlightTable table = InFlightTable.Open(sandbox.Directory, TimeProvider.System);
        var catalog = new GatewayCatalog();
        catalog.MarkLoaded();
        var ready = new DatabaseReady();
        ready.Set();
        using var calls = new InterruptedCalls(
            table, journal, catalog, new LocalLimits(TimeProvider.System), database.Plain, new DatabaseSchema(database.Plain, database.Migrator, ready, TimeProvider.System),
            TimeProvider.System, new LogLines<InterruptedCalls>());

        await calls.StartAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => journal.Refused > refused);
        table.ReadLeft().ShouldHaveSingleItem().Record.Id.ShouldBe(ran.Id);
        calls.Done.IsCompleted.ShouldBeFalse();
        Directory.Delete(obstacle);
        await calls.Done.WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);

        table.ReadLeft().ShouldBeEmpty();
        using JournalReader reader = journal.OpenReader(JournalPosition.Start);
        JournalSandbox.ReadAll(reader).Select(r => r.Id).ShouldContain(ran.Id);
        await calls.StopAsync(CancellationToken.None);
    }

    private static CatalogSnapshot Catalog()
    {
        var catalog = new GatewayCatalog();
        catalog.Replace(TestGateway.ModelOver(new Uri("http://127.0.0.1:1/v1"), new Uri("http://127.0.0.1:2/v1")) with
        {
            Prices = [PriceAt("provider-0", 1000), PriceAt("provider-1", 2000)],
        }).ShouldBeEmpty();
        return catalog.Current;
    }

    private static ModelPrice PriceAt(string provider, long each) => new()
    {
        Model = "real-model",
        Provider = provider,
        EffectiveFrom = DateTimeOffset.UnixEpoch,
        InputPerMillion = new NanoUsd(each * 1_000_000),
        OutputPerMillion = new NanoUsd(each * 1_000_000),
        Version = provider,
    };

    private static InterruptedCall Call(int mark) => new(
        new UsageRecord { Id = Guid.NewGuid(), StartedAt = TimeProvider.System.GetUtcNow(), Operation = Operation.ChatCompletions, Streamed = true, Model = "m" }, 10, 20)
    {
        BackendMark = mark,
    };

    // Another user ran the gateway before. Hard budgets wait for this service, and would let nothing through for good.
    [Fact]
    public async Task WhatWasLeftMayNotBeRead_NobodyWaitsForIt()
    {
        // Even the superuser may not read it.
        const string Unreadable = "/proc/sys/vm/compact_memory";
        Assert.SkipUnless(File.Exists(Unreadable), "There is no file here that nobody may read.");
        using var sandbox = new JournalSandbox();
        await using TestDatabase database = await TestDatabase.SqliteAsync();
        await using Journal journal = sandbox.Open();
        using InFlightTable table = InFlightTable.Open(sandbox.Directory, TimeProvider.System);
        File.CreateSymbolicLink(Path.Combine(sandbox.Directory, "inflight-0.left"), Unreadable);
        var catalog = new GatewayCatalog();
        catalog.MarkLoaded();
        var log = new LogLines<InterruptedCalls>();
        using var calls = new InterruptedCalls(
            table, journal, catalog, new LocalLimits(TimeProvider.System), database.Plain,
            new DatabaseSchema(database.Plain, database.Migrator, new DatabaseReady(), TimeProvider.System), TimeProvider.System, log);

        await calls.StartAsync(TestContext.Current.CancellationToken);

        await calls.Done.WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);
        log.Lines.ShouldHaveSingleItem().ShouldContain("cannot be read");
    }
}
