using System.Diagnostics;
using Gateway.Core.Accounting;
using Gateway.Core.Accounting.Journaling;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Accounting.Journaling;

public sealed class JournalFullDiskTests : IDisposable
{
    private readonly JournalSandbox _sandbox = new();

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public async Task Append_NoSegmentCanBeMade_SaysSoAheadOfTimeAndRecoversByItself()
    {
        await using Journal journal = _sandbox.Open();
        await Eventually.TrueAsync(() => Directory.GetFiles(_sandbox.Directory, "*.journal").Length == 3);
        // A directory where the next segment is to be made: fails as a full disk does, whoever runs the test.
        string obstacle = SegmentFile.PathOf(_sandbox.Directory, journal.End.Segment + 3) + ".new";
        Directory.CreateDirectory(obstacle);

        int afterWarning = 0;
        await FillAsync(journal, () => afterWarning++);

        afterWarning.ShouldBeGreaterThan(50, "calls under way when the disk filled up must still find room");
        Directory.Delete(obstacle);
        await _sandbox.ToldAsync(writable: true);
        (await journal.AppendAsync(JournalSandbox.Record("again"))).ShouldBeTrue();
        _sandbox.StateChanges.Select(c => c.Writable).ShouldBe([false, true]);
        _sandbox.StateChanges[0].Reason.ShouldNotBeNullOrEmpty();
        _sandbox.StateChanges[1].Reason.ShouldBeNull();
    }

    // Its mapping went on taking records that nobody would ever read.
    [Fact]
    public async Task Append_DirectoryIsMovedAway_SaysSoAndRecoversOnceItIsBack()
    {
        await using Journal journal = _sandbox.Open();
        (await journal.AppendAsync(JournalSandbox.Record("1"))).ShouldBeTrue();
        string away = _sandbox.Directory + "-away";

        Directory.Move(_sandbox.Directory, away);
        await _sandbox.ToldAsync(writable: false);

        Directory.Move(away, _sandbox.Directory);
        await _sandbox.ToldAsync(writable: true);
        (await journal.AppendAsync(JournalSandbox.Record("2"))).ShouldBeTrue();
        _sandbox.StateChanges.Select(c => c.Writable).ShouldBe([false, true]);
        _sandbox.StateChanges[0].Reason.ShouldNotBeNullOrEmpty();
        using JournalReader reader = journal.OpenReader(JournalPosition.Start);
        JournalSandbox.ReadAll(reader).Select(r => r.RequestId).ShouldBe(["1", "2"]);
    }

    [Fact]
    public async Task Append_RealFileSystemRunsFull_LosesNothingAcknowledgedAndRecovers()
    {
        string mount = Path.Combine(_sandbox.Directory, "small");
        Directory.CreateDirectory(mount);
        Assert.SkipUnless(Run("mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", mount), "Mounting a small file system takes root.");
        try
        {
            await using var journal = Journal.Open(
                new JournalOptions { Directory = mount, SegmentBytes = 64 * 1024, RetryInterval = TimeSpan.FromMilliseconds(20) }, TimeProvider.System);
            List<string> acknowledged = await FillAsync(journal, () => { });

            using JournalReader reader = journal.OpenReader(JournalPosition.Start);
            JournalSandbox.ReadAll(reader).Select(r => r.RequestId).ShouldBe(acknowledged);
            journal.DeleteBefore(reader.Position);
            await Eventually.TrueAsync(() => journal.IsWritable);
            (await journal.AppendAsync(JournalSandbox.Record("again"))).ShouldBeTrue();
        }
        finally
        {
            Run("umount", "-l", mount);
        }
    }

    [Fact]
    public async Task Append_FileSystemTurnsReadOnly_SaysSoBeforeTheSegmentIsFullAndRecovers()
    {
        await using Journal journal = _sandbox.Open();
        // What is made after the mount is written through it, and keeps it from being made read-only.
        await Eventually.TrueAsync(() => Directory.GetFiles(_sandbox.Directory, "*.journal").Length == 3);
        // Another mount of it on top: one in which files are open for writing cannot be made read-only, but by an error of its disk.
        Assert.SkipUnless(Run("mount", "--bind", _sandbox.Directory, _sandbox.Directory), "Mounting takes root.");
        try
        {
            // Not while a file is open for writing there, which the journal does once a second to see whether it can.
            await Eventually.TrueAsync(() => Run("mount", "-o", "remount,bind,ro", _sandbox.Directory));
            await _sandbox.ToldAsync(writable: false);

            (await journal.AppendAsync(JournalSandbox.Record("under way"))).ShouldBeTrue();
            _sandbox.StateChanges.ShouldHaveSingleItem().Reason.ShouldNotBeNullOrEmpty();
        }
        finally
        {
            Run("umount", "-l", _sandbox.Directory);
        }
        await _sandbox.ToldAsync(writable: true);
        _sandbox.StateChanges.Select(c => c.Writable).ShouldBe([false, true]);
    }

    /// <summary>
    /// Appends until refused; returns what was acknowledged. Where a segment begins it waits for the background task, which is
    /// long done with it when requests append: it has made the next one, or said that it cannot.
    /// </summary>
    private static async Task<List<string>> FillAsync(Journal journal, Action appendedWhileNotWritable)
    {
        var acknowledged = new List<string>();
        long segment = 0;
        while (true)
        {
            if (journal.End.Segment != segment)
            {
                segment = journal.End.Segment;
                await Eventually.TrueAsync(() => !journal.IsWritable || File.Exists(SegmentFile.PathOf(journal.Directory, segment + 1)));
            }
            // The pipeline would stop calling upstreams here; calls already under way go on.
            bool writable = journal.IsWritable;
            UsageRecord record = JournalSandbox.Record($"r{acknowledged.Count}");
            if (!await journal.AppendAsync(record))
            {
                writable.ShouldBeFalse();
                return acknowledged;
            }
            acknowledged.Add(record.RequestId);
            if (!writable)
            {
                appendedWhileNotWritable();
            }
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    // Made, but not mapped: for a moment there were no files left to open, or no memory.
    [Fact]
    public async Task Append_NextSegmentCouldNotBeMapped_TakesItWhenItCan()
    {
        await using Journal journal = _sandbox.Open();
        await Eventually.TrueAsync(() => Directory.GetFiles(_sandbox.Directory, "*.journal").Length == 3);
        long next = journal.End.Segment + 3;
        SegmentFile.Create(_sandbox.Directory, next, 64 * 1024, toDisk: false);

        int appended = 0;
        while (journal.End.Segment <= next)
        {
            (await journal.AppendAsync(JournalSandbox.Record("r"))).ShouldBeTrue();
            appended++;
        }

        _sandbox.StateChanges.ShouldBeEmpty();
        using JournalReader reader = journal.OpenReader(JournalPosition.Start);
        JournalSandbox.ReadAll(reader).Count.ShouldBe(appended);
    }

    [Fact]
    public async Task Append_WhoeverIsToldOfTheStateThrows_RecoversAllTheSame()
    {
        int told = 0;
        await using var journal = Journal.Open(
            new JournalOptions
            {
                Directory = _sandbox.Directory,
                SegmentBytes = 64 * 1024,
                RetryInterval = TimeSpan.FromMilliseconds(20),
                StateChanged = (_, _) =>
                {
                    if (Interlocked.Increment(ref told) == 1)
                    {
                        throw new KeyNotFoundException("Nobody thought of this.");
                    }
                },
            },
            TimeProvider.System);
        await Eventually.TrueAsync(() => Directory.GetFiles(_sandbox.Directory, "*.journal").Length == 3);
        string obstacle = SegmentFile.PathOf(_sandbox.Directory, journal.End.Segment + 3) + ".new";
        Directory.CreateDirectory(obstacle);
        while (await journal.AppendAsync(JournalSandbox.Record("filler")))
        {
            await Task.Yield();
        }
        // The background task says so, which may come after the last segment is full here.
        await Eventually.TrueAsync(() => !journal.IsWritable);

        Directory.Delete(obstacle);

        await Eventually.TrueAsync(() => journal.IsWritable);
        (await journal.AppendAsync(JournalSandbox.Record("again"))).ShouldBeTrue();
    }

    [Fact]
    public async Task Journal_WhatWaitsForTheDisk_IsDoneOnNoThreadOfThePool()
    {
        bool? onPool = null;
        await using var journal = Journal.Open(
            new JournalOptions
            {
                Directory = _sandbox.Directory,
                RetryInterval = TimeSpan.FromMilliseconds(20),
                StateChanged = (_, _) => onPool ??= Thread.CurrentThread.IsThreadPoolThread,
            },
            TimeProvider.System);
        string away = _sandbox.Directory + "-away";

        // Nothing is appended meanwhile: an append that finds no segment ready makes one itself, on its own thread.
        Directory.Move(_sandbox.Directory, away);
        await Eventually.TrueAsync(() => onPool is not null);
        Directory.Move(away, _sandbox.Directory);

        onPool.ShouldBe(false, "the pool's threads are for the calls");
    }
}
