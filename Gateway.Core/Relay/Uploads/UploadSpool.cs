using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Core.Relay.Uploads;

/// <summary>
/// Takes an upload in: the first 64 KiB in memory, beyond that a temporary file that has no name from the moment it exists,
/// so that not even a killed process leaves it behind. Used by one task at a time; dispose it when the request is over.
/// </summary>
public sealed class UploadSpool(UploadSpace space) : IDisposable
{
    /// <summary>What an upload may take of memory before it goes to disk.</summary>
    public const int MemoryBytes = 65_536;

    private byte[]? _memory = ArrayPool<byte>.Shared.Rent(MemoryBytes);
    private SafeFileHandle? _file;
    private MappedUpload? _mapped;
    private long _taken;

    public long Length { get; private set; }

    /// <summary>Adds a piece. False when the uploads of all clients together have used up their room on disk.</summary>
    /// <exception cref="IOException">The disk is full or cannot be written.</exception>
    public async ValueTask<bool> AppendAsync(ReadOnlySequence<byte> piece, CancellationToken cancellation)
    {
        if (_file is null && Length + piece.Length <= MemoryBytes)
        {
            piece.CopyTo(_memory.AsSpan((int)Length));
            Length += piece.Length;
            return true;
        }
        long more = Length + piece.Length - _taken;
        if (!space.TryTake(more))
        {
            return false;
        }
        _taken += more;
        if (_file is null)
        {
            _file = Create(space.Directory);
            await RandomAccess.WriteAsync(_file, _memory.AsMemory(0, (int)Length), 0, cancellation);
        }
        foreach (ReadOnlyMemory<byte> segment in piece)
        {
            await RandomAccess.WriteAsync(_file, segment, Length, cancellation);
            Length += segment.Length;
        }
        return true;
    }

    /// <summary>The whole upload; valid until this is disposed, and for calls that began to send it before.</summary>
    /// <exception cref="IOException">It is larger than a body can be (2 GiB).</exception>
    public ReadOnlyMemory<byte> Complete()
    {
        if (_file is null)
        {
            return _memory.AsMemory(0, (int)Length);
        }
        if (Length > int.MaxValue)
        {
            throw new IOException("An upload can have at most 2 GiB.");
        }
        _mapped ??= new MappedUpload(_file, (int)Length);
        return _mapped.Memory;
    }

    public void Dispose()
    {
        _mapped?.Release();
        _file?.Dispose();
        if (_taken > 0)
        {
            space.GiveBack(_taken);
            _taken = 0;
        }
        if (_memory is { } memory)
        {
            _memory = null;
            ArrayPool<byte>.Shared.Return(memory);
        }
    }

    private static SafeFileHandle Create(string directory)
    {
        string path = Path.Combine(directory, $"gateway-upload-{Guid.NewGuid():N}");
        SafeFileHandle file = File.OpenHandle(
            path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, FileOptions.Asynchronous | FileOptions.DeleteOnClose);
        if (!OperatingSystem.IsWindows())
        {
            // The name goes now, the bytes when the handle does.
            File.Delete(path);
        }
        return file;
    }
}
