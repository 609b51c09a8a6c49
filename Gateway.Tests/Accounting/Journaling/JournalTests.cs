using System.Net.Sockets;
using Gateway.Core.Accounting;
using Gateway.Core.Accounting.Journaling;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Accounting.Journaling;

public sealed class JournalTests : IDisposable
{
    private readonly JournalSandbox _sandbox = new();

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public async Task Append_ManyThreads_EveryRecordIsReadOnceInItsThreadsOrder()
    {
        const int Threads = 8;
        const int Each = 5_000;
        await using Journal journal = _sandbox.Open();
        await Parallel.ForAsync(0, Threads, new ParallelOptions { MaxDegreeOfParallelism = Threads }, async (thread, _) =>
        {
            for (int i = 0; i < Each; i++)
            {
                (await journal.AppendAsync(JournalSandbox.Record($"{thread}:{i}"))).ShouldBeTrue();
            }
        });

        using JournalReader reader = journal.OpenReader(JournalPosition.Start);
        List<UsageRecord> records = JournalSandbox.ReadAll(reader);

        records.Count.ShouldBe(Threads * Each);
        for (int thread = 0; thread < Threads; thread++)
        {
            string prefix = thread + ":";
            records.Where(r => r.RequestId.StartsWith(prefix, StringComparison.Ordinal)).Select(r => r.RequestId)
                .ShouldBe(Enumerable.Range(0, Each).Select(i => prefix + i));
        }
        reader.Torn.ShouldBe(0);
        Directory.GetFiles(_sandbox.Directory, "*.journal").Length.ShouldBeGreaterThan(10);
    }

    [Fact]
    public async Task Read_WhileOthersAppend_SeesEveryRecordOnce()
    {
        const int Count = 30_000;
        await using Journal journal = _sandbox.Open();
        Task writing = Task.Run(
            async () =>
            {
                for (int i = 0; i < Count; i++)
                {
                    await journal.AppendAsync(JournalSandbox.Record(i.ToString(null, null)));
                }
            },
            TestContext.Current.CancellationToken);

        using JournalReader reader = journal.OpenReader(JournalPosition.Start);
        var seen = new List<string>();
        while (seen.Count < Count)
        {
            bool finished = writing.IsCompleted;
            if (reader.TryRead(out UsageRecord? record))
            {
                seen.Add(record.RequestId);
            }
            else if (finished)
            {
                break;
            }
        }
        await writing;

        seen.ShouldBe(Enumerable.Range(0, Count).Select(i => i.ToString(null, null)));
    }

    [Fact]
    public async Task Read_FromAPosition_ContinuesAfterIt()
    {
        await using Journal journal = _sandbox.Open();
        for (int i = 0; i < 2_000; i++)
        {
            await journal.AppendAsync(JournalSandbox.Record(i.ToString(null, null)));
        }
        using JournalReader first = journal.OpenReader(JournalPosition.Start);
        for (int i = 0; i < 700; i++)
        {
            first.TryRead(out _).ShouldBeTrue();
        }

        using JournalReader second = journal.OpenReader(first.Position);

        JournalSandbox.ReadAll(second).Select(r => r.RequestId).ShouldBe(Enumerable.Range(700, 1_300).Select(i => i.ToString(null, null)));
        second.Position.ShouldBe(journal.End);
        second.Skipped.ShouldBeFalse();
    }

    [Fact]
    public async Task Open_AfterAnEarlierProcess_KeepsItsRecordsBeforeTheNewOnes()
    {
        Guid id;
        await using (Journal earlier = _sandbox.Open())
        {
            id = earlier.Id;
            await earlier.AppendAsync(JournalSandbox.Record("earlier"));
        }
        await using Journal journal = _sandbox.Open();
        await journal.AppendAsync(JournalSandbox.Record("later"));

        using JournalReader reader = journal.OpenReader(JournalPosition.Start);

        JournalSandbox.ReadAll(reader).Select(r => r.RequestId).ShouldBe(["earlier", "later"]);
        journal.Id.ShouldBe(id);
    }

    [Fact]
    public async Task DeleteBefore_DrainedSegments_AreGoneAndTheRestIsRead()
    {
        await using Journal journal = _sandbox.Open();
        for (int i = 0; i < 2_000; i++)
        {
            await journal.AppendAsync(JournalSandbox.Record(i.ToString(null, null)));
        }
        using JournalReader reader = journal.OpenReader(JournalPosition.Start);
        for (int i = 0; i < 1_500; i++)
        {
            reader.TryRead(out _).ShouldBeTrue();
        }
        // By name: a segment to write next may be made at any moment.
        string oldest = Directory.GetFiles(_sandbox.Directory, "*.journal").Order(StringComparer.Ordinal).First();

        journal.DeleteBefore(reader.Position);

        File.Exists(oldest).ShouldBeFalse();
        JournalSandbox.ReadAll(reader).Count.ShouldBe(500);
        using JournalReader late = journal.OpenReader(new JournalPosition(1, 64));
        JournalSandbox.ReadAll(late).Count.ShouldBeGreaterThanOrEqualTo(500);
        late.Skipped.ShouldBeTrue();
    }

    [Fact]
    public async Task Open_DirectoryInUse_SaysWhatToDo()
    {
        await using Journal journal = _sandbox.Open();

        Should.Throw<IOException>(() => _sandbox.Open()).Message.ShouldContain("in use by another process");
    }

    [Fact]
    public async Task Directory_DeletedUnderTheProcess_HasNothingToReadAndClosesAsEver()
    {
        Journal journal = _sandbox.Open();
        (await journal.AppendAsync(JournalSandbox.Record("1"))).ShouldBeTrue();
        // In one step, since the journal makes segments ahead meanwhile.
        Directory.Move(_sandbox.Directory, _sandbox.Directory + "-gone");
        Directories.Remove(_sandbox.Directory + "-gone");

        using JournalReader reader = journal.OpenReader(JournalPosition.Start);
        JournalSandbox.ReadAll(reader).ShouldBeEmpty();
        await journal.DisposeAsync();

        Directory.CreateDirectory(_sandbox.Directory);
    }

    [Fact]
    public void Open_DirectoryThatCannotBeWritten_IsNotTakenForOneInUse()
    {
        // A file that is there and cannot be opened, as on a file system that is read-only.
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        Directory.CreateDirectory(_sandbox.Directory);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(_sandbox.Directory, "journal.lock")));

        string message = Should.Throw<IOException>(() => _sandbox.Open()).Message;

        message.ShouldContain("cannot be written");
        message.ShouldContain("Gateway:DataDirectory");
    }

    [Fact]
    public async Task Open_EmptiedDirectory_NumbersSegmentsOnwards()
    {
        long first;
        await using (Journal earlier = _sandbox.Open())
        {
            await earlier.AppendAsync(JournalSandbox.Record("a"));
            first = earlier.End.Segment;
        }
        foreach (string file in Directory.GetFiles(_sandbox.Directory, "*.journal"))
        {
            File.Delete(file);
        }

        await using Journal journal = _sandbox.Open();

        journal.End.Segment.ShouldBeGreaterThan(first);
    }

    [Fact]
    public async Task Append_RecordLargerThanASegment_IsRefusedAndUsesNoneUp()
    {
        await using Journal journal = _sandbox.Open();
        UsageRecord huge = JournalSandbox.Record("huge");
        huge.Attempts = [.. Enumerable.Repeat(new AttemptRecord(new string('p', 8_000), "b", "m", null, 0, null, 1, null, null), 20)];
        JournalPosition before = journal.End;

        (await journal.AppendAsync(huge)).ShouldBeFalse();

        journal.End.ShouldBe(before);
        journal.Refused.ShouldBe(1);
        (await journal.AppendAsync(JournalSandbox.Record("next"))).ShouldBeTrue();
    }

    [Fact]
    public async Task Append_DiskDurability_CompletesAfterAFlushSharedByAll()
    {
        await using Journal journal = _sandbox.Open(durability: JournalDurability.Disk);

        bool[] recorded = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(i => journal.AppendAsync(JournalSandbox.Record(i.ToString(null, null))).AsTask()));

        recorded.ShouldAllBe(r => r);
        using JournalReader reader = journal.OpenReader(JournalPosition.Start);
        JournalSandbox.ReadAll(reader).Count.ShouldBe(1_000);
    }

    [Fact]
    public async Task Append_AfterDispose_IsRefused()
    {
        Journal journal = _sandbox.Open();
        await journal.DisposeAsync();

        (await journal.AppendAsync(JournalSandbox.Record("late"))).ShouldBeFalse();
    }
}
