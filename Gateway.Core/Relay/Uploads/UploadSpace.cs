namespace Gateway.Core.Relay.Uploads;

/// <summary>The room that all uploads together may take on disk, and where it is. Safe for concurrent use.</summary>
/// <param name="directory">For temporary files; null takes the system's (<c>TMPDIR</c>).</param>
/// <param name="maxBytes">For all uploads at one time; read for each piece, so that a change holds at once.</param>
public sealed class UploadSpace(string? directory, Func<long> maxBytes)
{
    private long _taken;

    /// <summary>Bytes in temporary files now.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    internal string Directory { get; } = directory ?? Path.GetTempPath();

    /// <summary>False, and nothing taken, when there is no room for so many bytes more.</summary>
    internal bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= maxBytes())
        {
            return true;
        }
        Interlocked.Add(ref _taken, -bytes);
        return false;
    }

    internal void GiveBack(long bytes) => Interlocked.Add(ref _taken, -bytes);
}
