using System.IO.MemoryMappedFiles;

namespace Gateway.Core.Accounting.Journaling;

/// <summary>
/// A segment that is being written: mapped, so that what is copied into it belongs to the kernel and outlives the process.
/// Any number of threads append without a lock; the space is claimed in the mapping itself.
/// </summary>
internal sealed unsafe class JournalSegment
{
    private const int PageBytes = 4096;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;
    private readonly int _bytes;
    private int _tail = SegmentFile.HeaderBytes;

    // The owner is the journal, for as long as it may still hand it out.
    private MappingUsers _users = new();

    private JournalSegment(string path, long number, int bytes)
    {
        Number = number;
        _bytes = bytes;
        var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        _file = MemoryMappedFile.CreateFromFile(
            file, mapName: null, bytes, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor(0, bytes, MemoryMappedFileAccess.ReadWrite);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        _start = start + _view.PointerOffset;
    }

    public long Number { get; }

    /// <summary>Where the next entry will stand.</summary>
    public int Tail => Volatile.Read(ref _tail);

    /// <summary>Maps the file that <see cref="SegmentFile.Create"/> has made, and touches every page so that no append waits for a page fault.</summary>
    /// <exception cref="IOException">The file is gone, or memory or files have run out.</exception>
    public static JournalSegment Map(JournalOptions options, long number)
    {
        var segment = new JournalSegment(SegmentFile.PathOf(options.Directory, number), number, options.SegmentBytes);
        for (int offset = PageBytes; offset < options.SegmentBytes; offset += PageBytes)
        {
            Volatile.Write(ref segment._start[offset], 0);
        }
        return segment;
    }

    /// <summary>False when the segment is gone; otherwise it stays mapped until <see cref="Exit"/>.</summary>
    public bool TryEnter() => _users.TryEnter();

    /// <summary>True when this was the last use: the caller sees to <see cref="Unmap"/>.</summary>
    public bool Exit() => _users.Leave();

    public void Unmap()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        // First, or the view would wait until the disk has it all, which nobody was promised who has not waited for it.
        _view.SafeMemoryMappedViewHandle.Dispose();
        _view.Dispose();
        _file.Dispose();
    }

    /// <summary>Copies the payload in and publishes it. False when it does not fit: then nothing else will either.</summary>
    public bool TryAppend(ReadOnlySpan<byte> payload)
    {
        int size = JournalEntry.Size(payload.Length);
        while (true)
        {
            int offset = Volatile.Read(ref _tail);
            if (offset + JournalEntry.HeaderBytes > _bytes)
            {
                return false;
            }
            bool fits = offset + size <= _bytes;
            ref ulong header = ref *(ulong*)(_start + offset);
            ulong seen = Interlocked.CompareExchange(ref header, fits ? JournalEntry.Claim(payload.Length) : JournalEntry.Sealed, 0);
            if (seen == 0 && fits)
            {
                Interlocked.CompareExchange(ref _tail, offset + size, offset);
                payload.CopyTo(new Span<byte>(_start + offset + JournalEntry.HeaderBytes, payload.Length));
                Volatile.Write(ref header, JournalEntry.Published(payload.Length, JournalEntry.Checksum(payload, Number, offset)));
                return true;
            }
            if (seen == 0 || seen == JournalEntry.Sealed)
            {
                return false;
            }
            // Somebody claimed this place but has not moved the tail yet; whoever is first does it.
            Interlocked.CompareExchange(ref _tail, offset + JournalEntry.Size(JournalEntry.Length(seen)), offset);
        }
    }

    /// <summary>Returns when everything published so far is on the disk.</summary>
    /// <exception cref="IOException">The disk refused it.</exception>
    public void Flush() => _view.Flush();
}
