using System.IO.MemoryMappedFiles;

namespace Gateway.Core.Accounting.Journaling;

/// <summary>A segment mapped for reading, whether or not somebody still writes it.</summary>
internal sealed unsafe class SegmentView : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;
    private readonly int _bytes;

    private SegmentView(FileStream file, long number, int bytes)
    {
        Number = number;
        _bytes = bytes;
        _file = MemoryMappedFile.CreateFromFile(
            file, mapName: null, bytes, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor(0, bytes, MemoryMappedFileAccess.Read);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        _start = start + _view.PointerOffset;
    }

    public long Number { get; }

    /// <summary>Null when the file is gone, cannot be read, or is no segment of ours.</summary>
    public static SegmentView? Open(string directory, long number)
    {
        FileStream file;
        try
        {
            file = new FileStream(
                SegmentFile.PathOf(directory, number), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (Exception e) when (SegmentFile.IsUnreadable(e))
        {
            return null;
        }
        if (file.Length < SegmentFile.HeaderBytes || file.Length > int.MaxValue)
        {
            file.Dispose();
            return null;
        }
        var view = new SegmentView(file, number, (int)file.Length);
        if (SegmentFile.IsValidHeader(view.Bytes(0, SegmentFile.HeaderBytes), number))
        {
            return view;
        }
        view.Dispose();
        return null;
    }

    /// <summary>The entry's header word; <see cref="JournalEntry.Sealed"/> where none fits any more.</summary>
    public ulong Header(int offset) =>
        offset + JournalEntry.HeaderBytes > _bytes ? JournalEntry.Sealed : Volatile.Read(ref *(ulong*)(_start + offset));

    /// <summary>False for a length that reaches beyond the file.</summary>
    public bool Holds(int offset, int length) => (long)offset + JournalEntry.HeaderBytes + length <= _bytes;

    public ReadOnlySpan<byte> Payload(int offset, int length) => Bytes(offset + JournalEntry.HeaderBytes, length);

    /// <summary>True for an entry that was published and is as it was then.</summary>
    public bool IsWhole(int offset)
    {
        ulong header = Header(offset);
        int length = JournalEntry.Length(header);
        return JournalEntry.IsPublished(header) && Holds(offset, length)
            && JournalEntry.Checksum(Payload(offset, length), Number, offset) == JournalEntry.Checksum(header);
    }

    /// <summary>Where the first whole entry stands behind a place; the file's end when there is none. The checksum knows where an entry was written, so that nothing within one passes for another.</summary>
    public int NextWhole(int offset)
    {
        do
        {
            offset += JournalEntry.HeaderBytes;
        }
        while (offset < _bytes && !IsWhole(offset));
        return Math.Min(offset, _bytes);
    }

    /// <summary>True when nothing was written from a place on.</summary>
    public bool IsZeroFrom(int offset) => !Bytes(offset, _bytes - offset).ContainsAnyExcept((byte)0);

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private ReadOnlySpan<byte> Bytes(int offset, int length) => new(_start + offset, length);
}
