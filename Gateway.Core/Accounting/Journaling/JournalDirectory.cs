namespace Gateway.Core.Accounting.Journaling;

/// <summary>The directory of one journal: locked against a second process, and known by an id of its own.</summary>
internal sealed class JournalDirectory : IDisposable
{
    // EWOULDBLOCK, which macOS numbers differently, and ERROR_SHARING_VIOLATION.
    private static readonly int LockedOnUnix = OperatingSystem.IsMacOS() ? 35 : 11;
    private const int LockedOnWindows = unchecked((int)0x80070020);

    private readonly string _path;
    private readonly FileStream _lock;

    private JournalDirectory(string path, FileStream @lock, Guid id)
    {
        _path = path;
        _lock = @lock;
        Id = id;
        SegmentFile.DeleteUnfinished(path);
        HighestSegment = SegmentFile.List(path).LastOrDefault();
    }

    public Guid Id { get; }

    /// <summary>When it was opened; 0 for none.</summary>
    public long HighestSegment { get; }

    public static JournalDirectory Open(string path)
    {
        FileStream @lock = Lock(path);
        try
        {
            return new JournalDirectory(path, @lock, ReadId(@lock));
        }
        catch
        {
            @lock.Dispose();
            throw;
        }
    }

    /// <summary>True when there was something to delete.</summary>
    public bool DeleteSegmentsBefore(long number)
    {
        bool deleted = false;
        foreach (long segment in SegmentFile.List(_path))
        {
            if (segment >= number)
            {
                break;
            }
            File.Delete(SegmentFile.PathOf(_path, segment));
            deleted = true;
        }
        return deleted;
    }

    public void Dispose() => _lock.Dispose();

    // The kernel gives the lock back when the process dies, however it dies.
    private static FileStream Lock(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
            return new FileStream(Path.Combine(path, "journal.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.HResult == LockedOnUnix || e.HResult == LockedOnWindows)
        {
            throw new IOException(
                $"The journal in '{path}' is in use by another process. Stop it, or give this one a data directory of its own (Gateway:DataDirectory).", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"The data directory cannot be written to: {e.Message.TrimEnd('.')}. Gateway:DataDirectory must name one that this process may write to, with room in it.", e);
        }
    }

    private static Guid ReadId(FileStream @lock)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (@lock.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length)
        {
            return new Guid(bytes);
        }
        // Random: two directories must never share an id, whatever their clocks say.
        var id = Guid.NewGuid();
        @lock.Position = 0;
        @lock.Write(id.ToByteArray());
        @lock.Flush(flushToDisk: true);
        return id;
    }
}
