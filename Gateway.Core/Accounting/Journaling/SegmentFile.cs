using System.Buffers.Binary;
using System.Globalization;

namespace Gateway.Core.Accounting.Journaling;

/// <summary>
/// One file of the journal on disk: <c>{number}.journal</c>, a header of 64 bytes, then entries. It is written full of zeros
/// before it is used: a disk that is full says so here, as an error, and not as a signal when the mapping is touched.
/// </summary>
internal static class SegmentFile
{
    public const int HeaderBytes = 64;
    private const string Extension = ".journal";
    private const string UnfinishedExtension = ".new";
    private const string DamagedExtension = ".damaged";
    private const int Version = 1;
    // Errors of the system (ENOMEM, ENFILE, EMFILE, ENOSPC, EROFS, EDQUOT), which is what HResult is where .NET has no exception of its own.
    private const int OutOfMemory = 12;
    private const int OutOfFiles = 23;
    private const int OutOfFilesHere = 24;
    private const int OutOfRoom = 28;
    private const int ReadOnlyFileSystem = 30;
    private const int OutOfQuota = 122;

    // Milliseconds since 1970 in the year 9999: no segment of ours comes after it, and numbers must be able to grow from the highest there is.
    private const long MostNumber = 253_402_300_799_999;
    private static readonly byte[] Zeros = new byte[64 * 1024];

    public static string PathOf(string directory, long number) =>
        Path.Combine(directory, number.ToString("D16", CultureInfo.InvariantCulture) + Extension);

    /// <summary>Numbers of the segments there are, ascending; none where somebody has deleted the directory.</summary>
    public static List<long> List(string directory)
    {
        var numbers = new List<long>();
        if (!Directory.Exists(directory))
        {
            return numbers;
        }
        foreach (string path in Directory.EnumerateFiles(directory, "*" + Extension))
        {
            if (long.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out long number)
                && number <= MostNumber)
            {
                numbers.Add(number);
            }
        }
        numbers.Sort();
        return numbers;
    }

    /// <summary>Makes a segment of zeros; it appears under its name only when it is complete.</summary>
    /// <exception cref="IOException">The disk is full or gone.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory is read-only.</exception>
    public static void Create(string directory, long number, int bytes, bool toDisk)
    {
        string path = PathOf(directory, number);
        string unfinished = path + UnfinishedExtension;
        try
        {
            using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                for (int written = 0; written < bytes; written += Zeros.Length)
                {
                    file.Write(Zeros, 0, Math.Min(Zeros.Length, bytes - written));
                }
                file.Position = 0;
                file.Write(Header(number));
                file.Flush(flushToDisk: toDisk);
            }
            File.Move(unfinished, path);
        }
        catch
        {
            DeleteQuietly(unfinished);
            throw;
        }
    }

    /// <summary>Whether the segment is there as it was made, without an entry.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static bool IsUnused(string directory, long number, int bytes)
    {
        string path = PathOf(directory, number);
        if (!File.Exists(path))
        {
            return false;
        }
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        // The length of the first entry stands behind the header.
        Span<byte> start = stackalloc byte[HeaderBytes + sizeof(long)];
        return file.Length == bytes && file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length
            && start[..HeaderBytes].SequenceEqual(Header(number)) && !start[HeaderBytes..].ContainsAnyExcept((byte)0);
    }

    /// <summary>Copies a segment to where no reader looks for it and nobody deletes it, or moves one there that cannot be read; returns its path.</summary>
    /// <exception cref="IOException">The disk is full or gone.</exception>
    public static string Keep(string directory, long number)
    {
        string path = PathOf(directory, number);
        string kept = Path.ChangeExtension(path, DamagedExtension);
        if (File.Exists(kept))
        {
            return kept;
        }
        try
        {
            File.Copy(path, kept);
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            // What cannot be read may be readable to somebody else, or later; otherwise it would be deleted with the segments before it.
            File.Delete(kept);
            File.Move(path, kept);
        }
        return kept;
    }

    /// <summary>
    /// True when a file could not be read for what it is, and not because files, memory or room have run out: who waits until there are
    /// some again loses nothing.
    /// </summary>
    internal static bool IsUnreadable(Exception e) =>
        e is UnauthorizedAccessException || (e is IOException && e.HResult is not (OutOfMemory or OutOfFiles or OutOfFilesHere or OutOfRoom or OutOfQuota));

    /// <summary>What the system says when a segment is gone, or cannot be written because its file system is read-only; null otherwise.</summary>
    public static string? WhyLost(string directory, long number)
    {
        try
        {
            File.OpenHandle(PathOf(directory, number), FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete).Dispose();
            return null;
        }
        catch (IOException e) when (e.HResult == ReadOnlyFileSystem || e is FileNotFoundException or DirectoryNotFoundException)
        {
            return e.Message;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Too many open files: the next segment tells.
            return null;
        }
    }

    /// <summary>Removes what a killed process left half made.</summary>
    public static void DeleteUnfinished(string directory)
    {
        foreach (string path in Directory.EnumerateFiles(directory, "*" + Extension + UnfinishedExtension))
        {
            DeleteQuietly(path);
        }
    }

    /// <summary>False for a file that is no segment of that number, or one of a format this build does not know.</summary>
    public static bool IsValidHeader(ReadOnlySpan<byte> start, long number) =>
        start.Length >= HeaderBytes && start[..HeaderBytes].SequenceEqual(Header(number));

    private static byte[] Header(long number)
    {
        byte[] header = new byte[HeaderBytes];
        "GWJOURNL"u8.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), Version);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(16), number);
        return header;
    }

    private static void DeleteQuietly(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Tried again at the next start; the name is never used again.
        }
    }
}
