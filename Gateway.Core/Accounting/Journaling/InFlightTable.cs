using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;

namespace Gateway.Core.Accounting.Journaling;

/// <summary>
/// The calls that are running now, in a memory-mapped file that outlives the process: what is found there at the next start
/// was cut off, and is recorded as estimated. Safe for concurrent use; beginning and ending a call is a copy of some hundred
/// bytes, no lock and no system call.
/// </summary>
public sealed unsafe class InFlightTable : IDisposable
{
    /// <summary>Calls that can be noted at the same time; those beyond are served and recorded, but not noted here.</summary>
    public const int Slots = 4096;

    private const int SlotBytes = 1024;
    private const int HeaderBytes = 16;
    private const string FileName = "inflight.slots";
    private const string LeftPattern = "inflight-*.left";

    private readonly string _directory;
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly byte* _start;
    private readonly int[] _next = new int[Slots];

    // Index of the first free slot (plus one) below, a count above that makes every change of it different (ABA).
    private long _free;

    // Beside the table's owner each noted call.
    private MappingUsers _users = new();
    private int _disposed;

    private InFlightTable(string directory, string path)
    {
        _directory = directory;
        try
        {
            _file = Create(path);
        }
        catch (IOException)
        {
            // No room on the disk: nothing is noted, and the journal decides whether calls can be recorded at all.
            return;
        }
        _view = _file.CreateViewAccessor();
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        for (int i = 0; i < Slots - 1; i++)
        {
            _next[i] = i + 2;
        }
        _free = 1;
    }

    /// <summary>
    /// Opens the table of a journal's directory, which must be open already: that is the lock. What the process before left is
    /// put aside for <see cref="ReadLeft"/>.
    /// </summary>
    public static InFlightTable Open(string directory, TimeProvider time)
    {
        Directory.CreateDirectory(directory);
        string path = Path.Combine(directory, FileName);
        if (File.Exists(path))
        {
            File.Move(path, Path.Combine(directory, $"inflight-{time.GetUtcNow().UtcTicks:D19}.left"), overwrite: true);
        }
        return new InFlightTable(directory, path);
    }

    /// <summary>Notes a call.</summary>
    /// <param name="input">The part of the reserved tokens that is input.</param>
    /// <returns>What to end it with; 0 when there was no room.</returns>
    public int Begin(UsageRecord record, long input)
    {
        if (!_users.TryEnter())
        {
            return 0;
        }
        int slot = Take();
        if (slot == 0)
        {
            Leave();
            return 0;
        }
        ReadOnlySpan<byte> payload = InterruptedCallCodec.Encode(record, input, SlotBytes - HeaderBytes);
        byte* at = At(slot);
        payload.CopyTo(new Span<byte>(at + HeaderBytes, SlotBytes - HeaderBytes));
        Unsafe.Write(at + 4, 0);
        Unsafe.Write(at + 8, 0L);
        // Last: a slot without a length was never filled.
        Volatile.Write(ref *(int*)at, payload.Length);
        return slot;
    }

    /// <summary>Notes which backend is called now.</summary>
    public void Called(int slot, string backendId)
    {
        if (slot != 0)
        {
            Volatile.Write(ref *(int*)(At(slot) + 4), InterruptedCall.MarkOf(backendId));
        }
    }

    /// <summary>Notes how many output tokens have been sent so far.</summary>
    public void Progress(int slot, long outputTokens)
    {
        if (slot != 0)
        {
            Volatile.Write(ref *(long*)(At(slot) + 8), outputTokens);
        }
    }

    /// <summary>The call is in the journal.</summary>
    public void End(int slot)
    {
        if (slot != 0)
        {
            Volatile.Write(ref *(int*)At(slot), 0);
            Release(slot);
            Leave();
        }
    }

    /// <summary>Calls that earlier processes were cut off in; they stay until <see cref="ForgetLeft"/>.</summary>
    public IReadOnlyList<InterruptedCall> ReadLeft()
    {
        var calls = new List<InterruptedCall>();
        foreach (string path in Directory.EnumerateFiles(_directory, LeftPattern))
        {
            byte[] bytes = File.ReadAllBytes(path);
            for (int at = 0; at + SlotBytes <= bytes.Length; at += SlotBytes)
            {
                ReadOnlySpan<byte> slot = bytes.AsSpan(at, SlotBytes);
                int length = BitConverter.ToInt32(slot);
                if (length is > 0 and <= SlotBytes - HeaderBytes
                    && InterruptedCallCodec.TryDecode(slot.Slice(HeaderBytes, length), BitConverter.ToInt64(slot[8..]), out InterruptedCall? call))
                {
                    calls.Add(call with { BackendMark = BitConverter.ToInt32(slot[4..]) });
                }
            }
        }
        return calls;
    }

    /// <summary>What <see cref="ReadLeft"/> gave is in the books.</summary>
    public void ForgetLeft()
    {
        foreach (string path in Directory.EnumerateFiles(_directory, LeftPattern))
        {
            File.Delete(path);
        }
    }

    /// <summary>Calls that still run may end afterwards; none may begin.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            Leave();
        }
    }

    // Its blocks are taken from the disk now: a mapped page that finds none later would end the process.
    private static MemoryMappedFile Create(string path)
    {
        const long Bytes = (long)Slots * SlotBytes;
        var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            PreallocationSize = Bytes,
            BufferSize = 0,
        });
        try
        {
            file.SetLength(Bytes);
            return MemoryMappedFile.CreateFromFile(file, null, Bytes, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private void Leave()
    {
        if (_users.Leave() && _view is not null)
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file!.Dispose();
        }
    }

    private byte* At(int slot) => _start + ((long)(slot - 1) * SlotBytes);

    private int Take()
    {
        long seen = Volatile.Read(ref _free);
        while ((int)seen != 0 && Volatile.Read(ref _disposed) == 0)
        {
            long after = (((seen >> 32) + 1) << 32) | (uint)Volatile.Read(ref _next[(int)seen - 1]);
            long was = Interlocked.CompareExchange(ref _free, after, seen);
            if (was == seen)
            {
                return (int)seen;
            }
            seen = was;
        }
        return 0;
    }

    private void Release(int slot)
    {
        long seen = Volatile.Read(ref _free);
        while (true)
        {
            Volatile.Write(ref _next[slot - 1], (int)seen);
            long was = Interlocked.CompareExchange(ref _free, (((seen >> 32) + 1) << 32) | (uint)slot, seen);
            if (was == seen)
            {
                return;
            }
            seen = was;
        }
    }
}
