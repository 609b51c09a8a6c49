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

    /// <summary>Null when the file is gone or is no segment of ours.</summary>
    public static SegmentView? Open(string directory, long number)
    {
        FileStream file;
        try
        {
            file = new FileStream(
                SegmentFile.PathOf(directory, number), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (FileNotFoundException)
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

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private ReadOnlySpan<byte> Bytes(int offset, int length) => new(_start + offset, length);
}
