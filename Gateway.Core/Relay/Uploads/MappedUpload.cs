using System.Buffers;
using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Core.Relay.Uploads;

/// <summary>
/// A spooled upload as memory, so that everything that works on bodies works on it too. The file may only go once nobody
/// reads it any more: an upstream call that was given up may still be writing from it. Whoever sends holds it meanwhile.
/// </summary>
internal sealed unsafe class MappedUpload : MemoryManager<byte>
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;
    private readonly int _length;
    private int _holders = 1;

    /// <param name="length">At least 1.</param>
    public MappedUpload(SafeFileHandle file, int length)
    {
        _length = length;
        _file = MemoryMappedFile.CreateFromFile(file, mapName: null, length, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        _view = _file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        _start = start + _view.PointerOffset;
    }

    /// <summary>Keeps the memory valid until <see cref="Release"/>.</summary>
    /// <exception cref="ObjectDisposedException">It is gone already.</exception>
    public void Hold()
    {
        int holders;
        do
        {
            holders = Volatile.Read(ref _holders);
            ObjectDisposedException.ThrowIf(holders == 0, this);
        }
        while (Interlocked.CompareExchange(ref _holders, holders + 1, holders) != holders);
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file.Dispose();
        }
    }

    public override Span<byte> GetSpan() => new(_start, _length);

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)_length, nameof(elementIndex));
        return new MemoryHandle(_start + elementIndex);
    }

    public override void Unpin()
    {
    }

    // Never disposed as a memory owner; see Release.
    protected override void Dispose(bool disposing)
    {
    }
}
