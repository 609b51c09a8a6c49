using Gateway.Core.Accounting;
using Gateway.Core.Accounting.Journaling;
using Gateway.Core.Catalog;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Accounting.Journaling;

public sealed class InFlightTableTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("gateway-inflight-").FullName;

    public void Dispose() => Directories.Remove(_directory);

    // What is written where the file is not mapped any more ends the process.
    [Fact]
    public async Task Dispose_WhileCallsBegin_LetsThemEnd()
    {
        UsageRecord record = Record("r");
        for (int round = 0; round < 300; round++)
        {
            InFlightTable table = InFlightTable.Open(_directory, TimeProvider.System);
            table.ForgetLeft();
            using var together = new Barrier(2);
            Task beginning = Task.Run(() =>
            {
                together.SignalAndWait(TestContext.Current.CancellationToken);
                while (table.Begin(record, 1) is var slot and not 0)
                {
                    table.End(slot);
                }
            }, TestContext.Current.CancellationToken);
            together.SignalAndWait(TestContext.Current.CancellationToken);

            table.Dispose();

            await beginning.WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public void ReadLeft_AfterADeath_GivesTheCallsThatRanWithTheirProgress()
    {
        UsageRecord ended = Record("ended");
        UsageRecord ran = Record("ran");
        using (InFlightTable died = InFlightTable.Open(_directory, TimeProvider.System))
        {
            int first = died.Begin(ended, 10);
            int second = died.Begin(ran, 11);
            died.Progress(second, 42);
            died.Called(second, "backend-1");
            died.Called(second, "backend-2");
            died.End(first);

            // What another process would find: this one does not let go of its file.
            using InFlightTable next = InFlightTable.Open(_directory, TimeProvider.System);
            InterruptedCall left = next.ReadLeft().ShouldHaveSingleItem();
            (left.Record.Id, left.InputTokens, left.OutputTokens).ShouldBe((ran.Id, 11, 42));
            left.BackendMark.ShouldBe(InterruptedCall.MarkOf("backend-2"));
            (left.Record.RequestId, left.Record.KeyId, left.Record.Model, left.Record.Streamed).ShouldBe(("ran", "key", "model", true));
            (left.Record.ReservedTokens, left.Record.ReservedCost, left.Record.StartedAt).ShouldBe((99, new NanoUsd(7), ran.StartedAt));
            next.ForgetLeft();
            next.ReadLeft().ShouldBeEmpty();
        }
    }

    [Fact]
    public void Begin_MoreThanThereAreSlots_GoesOnWithoutNoting()
    {
        using InFlightTable table = InFlightTable.Open(_directory, TimeProvider.System);
        int[] slots = [.. Enumerable.Range(0, InFlightTable.Slots).Select(i => table.Begin(Record("r" + i), 0))];

        slots.ShouldBeUnique();
        slots.ShouldAllBe(s => s > 0);
        table.Begin(Record("one too many"), 0).ShouldBe(0);
        table.End(0);
        table.End(slots[5]);
        table.Begin(Record("fits again"), 0).ShouldBe(slots[5]);
    }

    [Fact]
    public void BeginAndEnd_FromManyThreads_NoSlotIsHeldTwice()
    {
        using InFlightTable table = InFlightTable.Open(_directory, TimeProvider.System);
        int[] holders = new int[InFlightTable.Slots + 1];

        Parallel.For(0, 50_000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            int slot = table.Begin(Record("r"), i);
            slot.ShouldBeGreaterThan(0);
            Interlocked.Increment(ref holders[slot]).ShouldBe(1);
            Interlocked.Decrement(ref holders[slot]);
            table.End(slot);
        });

        using InFlightTable next = InFlightTable.Open(_directory, TimeProvider.System);
        next.ReadLeft().ShouldBeEmpty();
    }

    [Fact]
    public void Begin_NamesThatDoNotFitASlot_KeepsWhatCounts()
    {
        UsageRecord record = Record("ran");
        record.Model = new string('語', 200);
        record.RequestedModel = new string('語', 200);
        using InFlightTable table = InFlightTable.Open(_directory, TimeProvider.System);
        table.Begin(record, 3);

        using InFlightTable next = InFlightTable.Open(_directory, TimeProvider.System);
        InterruptedCall left = next.ReadLeft().ShouldHaveSingleItem();
        (left.Record.Id, left.Record.KeyId, left.Record.RequestId, left.Record.Model).ShouldBe((record.Id, "key", "ran", null));
    }

    [Fact]
    public void ReadLeft_OfDamagedFiles_GivesWhatCanBeRead()
    {
        using InFlightTable table = InFlightTable.Open(_directory, TimeProvider.System);
        byte[] noise = new byte[100_000];
        new Random(7).NextBytes(noise);
        File.WriteAllBytes(Path.Combine(_directory, "inflight-0000000000000000001.left"), noise);

        Should.NotThrow(() => table.ReadLeft());
    }

    [Fact]
    public void End_AfterDispose_IsSafe()
    {
        InFlightTable table = InFlightTable.Open(_directory, TimeProvider.System);
        int slot = table.Begin(Record("late"), 0);

        table.Dispose();
        table.Progress(slot, 5);
        table.End(slot);

        table.Begin(Record("too late"), 0).ShouldBe(0);
    }

    private static UsageRecord Record(string requestId) => new()
    {
        Id = Guid.CreateVersion7(),
        RequestId = requestId,
        StartedAt = new DateTimeOffset(2026, 11, 28, 12, 0, 0, TimeSpan.Zero),
        Operation = Operation.ChatCompletions,
        Path = "/v1/chat/completions",
        KeyId = "key",
        KeyPrefix = "ml-abc",
        KeyName = "name",
        Model = "model",
        RequestedModel = "model",
        Streamed = true,
        ReservedTokens = 99,
        ReservedCost = new NanoUsd(7),
    };
}
