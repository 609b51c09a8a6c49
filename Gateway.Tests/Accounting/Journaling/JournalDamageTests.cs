using System.Buffers.Binary;
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

    [Fact]
    public async Task Read_LengthBeyondTheFile_EndsTheSegmentOnly()
    {
        JournalPosition[] ends = await AppendAsync("a", "b", "c");
        Patch(ends[0], _ => JournalEntry.Published(int.MaxValue / 2, 1));
        await AppendAsync("next");

        _sandbox.ReadClosed().Select(r => r.RequestId).ShouldBe(["a", "next"]);
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

    [Fact]
    public async Task Read_ForeignFile_IsPassedOver()
    {
        await File.WriteAllTextAsync(
            Path.Combine(_sandbox.Directory, "0000000000000007.journal"), new string('x', 500), TestContext.Current.CancellationToken);
        await AppendAsync("a");

        _sandbox.ReadClosed().Select(r => r.RequestId).ShouldBe(["a"]);
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
