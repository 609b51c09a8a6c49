using System.Buffers.Binary;
using System.Net.Sockets;
using Gateway.Core.Accounting.Journaling;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Accounting.Journaling;

/// <summary>What a dead writer, or a bad disk, may leave behind.</summary>
public sealed class JournalDamageTests : IDisposable
{
    private readonly JournalSandbox _sandbox = new();

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public async Task Read_ClaimThatWasNeverPublished_IsPassedOverAndTheRestIsRead()
    {
        JournalPosition[] ends = await AppendAsync("a", "b", "c");
        Patch(ends[0], header => JournalEntry.Claim(JournalEntry.Length(header)));

        using var reader = JournalReader.Open(_sandbox.Directory, JournalPosition.Start);

        JournalSandbox.ReadAll(reader).Select(r => r.RequestId).ShouldBe(["a", "c"]);
        reader.Torn.ShouldBe(1);
    }

    [Fact]
    public async Task Read_DamagedPayload_IsPassedOver()
    {
        JournalPosition[] ends = await AppendAsync("a", "b", "c");
        Patch(ends[0], header => header, flipPayload: true);

        using var reader = JournalReader.Open(_sandbox.Directory, JournalPosition.Start);

        JournalSandbox.ReadAll(reader).Select(r => r.RequestId).ShouldBe(["a", "c"]);
        reader.Torn.ShouldBe(1);
    }

    // A disk that lost a write leaves what stood there before: whole, but written for another place.
    [Fact]
    public async Task Read_EntryOfAnotherPlace_IsPassedOver()
    {
        JournalPosition[] ends = await AppendAsync("a", "b", "c");
        Copy(ends[0], ends[1]);

        using var reader = JournalReader.Open(_sandbox.Directory, JournalPosition.Start);

        JournalSandbox.ReadAll(reader).Select(r => r.RequestId).ShouldBe(["a", "b"]);
        reader.Torn.ShouldBe(1);
    }

    // A writer that died has lost nothing that was answered; a published entry that cannot be read is a call that is in no books.
    [Fact]
    public async Task Damage_OfWhatWasPublished_IsToldFromADeadWritersClaim()
    {
        JournalPosition[] ends = await AppendAsync("a", "b", "c");
        Patch(ends[0], header => JournalEntry.Claim(JournalEntry.Length(header)));
        Patch(ends[1], header => header, flipPayload: true);

        using var reader = JournalReader.Open(_sandbox.Directory, JournalPosition.Start);

        JournalSandbox.ReadAll(reader).Select(r => r.RequestId).ShouldBe(["a"]);
        reader.Damage.ShouldBe([ends[1]]);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(0x8000_0010UL)]
    [InlineData(0x0000_0010UL)]
    [InlineData(0x1234_0000_0000_0010UL)]
    [InlineData(0xFFFF_FFFFUL)]
    [InlineData(0x0000_0000_7FFF_FFF0UL)]
    public async Task Read_DamagedLength_CostsThatEntryOnly(ulong header)
    {
        JournalPosition[] ends = await AppendAsync("a", "b", "c", "d");
        Patch(ends[0], _ => header);

        using var reader = JournalReader.Open(_sandbox.Directory, JournalPosition.Start);

        JournalSandbox.ReadAll(reader).Select(r => r.RequestId).ShouldBe(["a", "c", "d"]);
    }

    // What a power cut leaves of a page that had not been written to the disk yet.
    [Fact]
    public async Task Read_PageOfZeros_CostsWhatStoodThereOnlyAndIsTold()
    {
        string[] ids = [.. Enumerable.Range(0, 200).Select(i => $"r{i}")];
        JournalPosition[] ends = await AppendAsync(ids);
        Fill(ends[0].Segment, 8192, new byte[4096]);

        using var reader = JournalReader.Open(_sandbox.Directory, JournalPosition.Start);

        int first = Array.FindIndex(ends, e => e.Offset > 8192);
        int next = Array.FindIndex(ends, e => e.Offset >= 8192 + 4096) + 1;
        JournalSandbox.ReadAll(reader).Select(r => r.RequestId).ShouldBe([.. ids[..first], .. ids[next..]]);
        reader.Damage.ShouldHaveSingleItem().Segment.ShouldBe(ends[0].Segment);
    }

    // Passed over, a segment would be deleted with those before it: too many open files must not cost its records.
    [Theory]
    [InlineData(12, false)]
    [InlineData(23, false)]
    [InlineData(24, false)]
    [InlineData(28, false)]
    [InlineData(122, false)]
    [InlineData(5, true)]
    public void IsUnreadable_WhatHasOnlyRunOut_IsWaitedFor(int error, bool unreadable) =>
        SegmentFile.IsUnreadable(new IOException("", error)).ShouldBe(unreadable);

    // A socket under the name of a segment cannot be opened, not even by root.
    [Fact]
    public async Task Read_SegmentThatCannotBeOpened_IsToldAndKeptAside()
    {
        string path = SegmentFile.PathOf(_sandbox.Directory, 7);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        await AppendAsync("a");

        using var reader = JournalReader.Open(_sandbox.Directory, JournalPosition.Start);

        JournalSandbox.ReadAll(reader).Select(r => r.RequestId).ShouldBe(["a"]);
        reader.Damage.ShouldBe([new JournalPosition(7, 0)]);
        string kept = SegmentFile.Keep(_sandbox.Directory, 7);
        File.Exists(kept).ShouldBeTrue();
        File.Exists(path).ShouldBeFalse();
    }

    [Fact]
    public async Task Read_ClaimOfALiveWriter_IsWaitedFor()
    {
        await using Journal journal = _sandbox.Open();
        await journal.AppendAsync(JournalSandbox.Record("a"));
        JournalPosition end = journal.End;
        await journal.AppendAsync(JournalSandbox.Record("b"));
        ulong published = Patch(end, header => JournalEntry.Claim(JournalEntry.Length(header)));
        using JournalReader reader = journal.OpenReader(JournalPosition.Start);

        reader.TryRead(out _).ShouldBeTrue();
        reader.TryRead(out _).ShouldBeFalse();
        Patch(end, _ => published);

        reader.TryRead(out var record).ShouldBeTrue();
        record.RequestId.ShouldBe("b");
    }

    [Fact]
    public async Task Open_HalfMadeSegment_IsRemoved()
    {
        string half = Path.Combine(_sandbox.Directory, "0000000000000007.journal.new");
        await File.WriteAllBytesAsync(half, new byte[100], TestContext.Current.CancellationToken);

        await using Journal journal = _sandbox.Open();

        File.Exists(half).ShouldBeFalse();
    }

    [Theory]
    [InlineData("0000000000000007.journal")]
    [InlineData("9999999999999999.journal")]
    [InlineData("9223372036854775806.journal")]
    public async Task Read_ForeignFile_IsPassedOver(string name)
    {
        await File.WriteAllTextAsync(Path.Combine(_sandbox.Directory, name), new string('x', 500), TestContext.Current.CancellationToken);
        await AppendAsync("a");
        await AppendAsync("b");

        _sandbox.ReadClosed().Select(r => r.RequestId).ShouldBe(["a", "b"]);
    }

    /// <summary>Returns the position after each record.</summary>
    private async Task<JournalPosition[]> AppendAsync(params string[] ids)
    {
        await using Journal journal = _sandbox.Open();
        var ends = new List<JournalPosition>();
        foreach (string id in ids)
        {
            await journal.AppendAsync(JournalSandbox.Record(id));
            ends.Add(journal.End);
        }
        return [.. ends];
    }

    /// <summary>Writes an entry over another one that takes as much room.</summary>
    private void Copy(JournalPosition from, JournalPosition to)
    {
        using var file = new FileStream(
            SegmentFile.PathOf(_sandbox.Directory, to.Segment), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, 0);
        byte[] entry = new byte[to.Offset - from.Offset];
        file.Position = from.Offset;
        file.ReadExactly(entry);
        file.Position = to.Offset;
        file.Write(entry);
    }

    private void Fill(long segment, int offset, byte[] bytes)
    {
        using FileStream file = File.OpenWrite(SegmentFile.PathOf(_sandbox.Directory, segment));
        file.Position = offset;
        file.Write(bytes);
    }

    private ulong Patch(JournalPosition at, Func<ulong, ulong> header, bool flipPayload = false)
    {
        using var file = new FileStream(
            SegmentFile.PathOf(_sandbox.Directory, at.Segment), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, 0);
        byte[] bytes = new byte[JournalEntry.HeaderBytes + 16];
        file.Position = at.Offset;
        file.ReadExactly(bytes);
        ulong old = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, header(old));
        bytes[^1] ^= flipPayload ? (byte)0x10 : (byte)0;
        file.Position = at.Offset;
        file.Write(bytes);
        return old;
    }
}
