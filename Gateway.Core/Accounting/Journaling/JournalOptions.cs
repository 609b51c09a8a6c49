namespace Gateway.Core.Accounting.Journaling;

/// <summary>What a completed append has survived.</summary>
public enum JournalDurability
{
    /// <summary>The death of the process, by whatever signal; not that of the machine.</summary>
    Process,

    /// <summary>A power cut: the append completes after an fsync that it shares with its neighbours.</summary>
    Disk,
}

/// <summary>Settings of a <see cref="Journal"/>.</summary>
public sealed record JournalOptions
{
    /// <summary>Made if it is missing. One process at a time may use it.</summary>
    public required string Directory { get; init; }
    public JournalDurability Durability { get; init; }

    /// <summary>Size of a file in bytes, 64 KiB to 1 GiB. Default 512 KiB, which is a thousand calls: all of it is mapped, and there are two or three at a time.</summary>
    public int SegmentBytes { get; init; } = 512 * 1024;

    /// <summary>Pause between looks whether the file system still takes writes, and between attempts to make a segment while that fails. Default 1 s.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Told once for each change of <see cref="Journal.IsWritable"/>, with the reason when it is lost and null when it came
    /// back. Runs on a background thread; must not throw.
    /// </summary>
    public Action<bool, string?>? StateChanged { get; init; }
}
