namespace Gateway.Core.Accounting.Journaling;

/// <summary>A place between two entries of a journal.</summary>
/// <param name="Segment">Number of the file; numbers grow and are never used again.</param>
/// <param name="Offset">Bytes from the file's start.</param>
public readonly record struct JournalPosition(long Segment, int Offset) : IComparable<JournalPosition>
{
    /// <summary>Before everything that there is.</summary>
    public static JournalPosition Start => default;

    public int CompareTo(JournalPosition other) =>
        Segment != other.Segment ? Segment.CompareTo(other.Segment) : Offset.CompareTo(other.Offset);

    public static bool operator <(JournalPosition left, JournalPosition right) => left.CompareTo(right) < 0;

    public static bool operator >(JournalPosition left, JournalPosition right) => left.CompareTo(right) > 0;

    public static bool operator <=(JournalPosition left, JournalPosition right) => left.CompareTo(right) <= 0;

    public static bool operator >=(JournalPosition left, JournalPosition right) => left.CompareTo(right) >= 0;
}
