namespace Gateway.Core.Accounting;

/// <summary>
/// Counts durations in buckets that each reach a tenth further than the one before. Histograms add up bucket by bucket, so
/// percentiles over any window and any nodes are right, to 5 % of their value. Not safe for concurrent use.
/// </summary>
public sealed class LatencyHistogram
{
    private const double Growth = 1.1;
    private const int MaxBucket = 255;

    // Latencies lie close together: room is made for some more buckets at a time than the one that is needed.
    private const int Room = 32;
    private static readonly double LogGrowth = Math.Log(Growth);

    private long[] _counts = [];

    public long Count { get; private set; }

    /// <summary>Reads what <see cref="ToBytes"/> wrote; null and damaged bytes give what could be read.</summary>
    public static LatencyHistogram FromBytes(ReadOnlySpan<byte> bytes)
    {
        var histogram = new LatencyHistogram();
        histogram.Add(bytes);
        return histogram;
    }

    /// <summary>Adds what <see cref="ToBytes"/> wrote, as it stands: a report adds many thousands, each to several histograms.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        int bucket = 0;
        while (TryReadVarint(ref bytes, out long step) && TryReadVarint(ref bytes, out long count))
        {
            // Ten bytes can hold a negative number, and counts that each fit can overflow together.
            if (step < 0 || step > MaxBucket - bucket || count < 0 || count > long.MaxValue - Count)
            {
                break;
            }
            bucket += (int)step;
            AddToBucket(bucket, count);
        }
    }

    /// <param name="microseconds">Less than 1 counts as 1.</param>
    public void Add(long microseconds) => AddToBucket(BucketOf(microseconds), 1);

    public void Add(LatencyHistogram other)
    {
        for (int bucket = 0; bucket < other._counts.Length; bucket++)
        {
            if (other._counts[bucket] > 0)
            {
                AddToBucket(bucket, other._counts[bucket]);
            }
        }
    }

    /// <summary>The duration in microseconds that the given part of all does not exceed; null when empty.</summary>
    /// <param name="part">0 to 1, for example 0.95.</param>
    public long? Percentile(double part)
    {
        if (Count == 0)
        {
            return null;
        }
        long rank = Math.Clamp((long)Math.Ceiling(part * Count), 1, Count);
        int bucket = 0;
        for (long below = _counts[0]; below < rank; below += _counts[bucket])
        {
            bucket++;
        }
        // The middle of the bucket by ratio: no more than the root of the growth away from any value in it.
        return (long)Math.Round(Math.Pow(Growth, bucket + 0.5));
    }

    /// <summary>How many took longer than that; the bucket that holds the limit counts by its middle.</summary>
    public long CountAbove(long microseconds)
    {
        long above = 0;
        for (int bucket = 0; bucket < _counts.Length; bucket++)
        {
            above += Math.Pow(Growth, bucket + 0.5) > microseconds ? _counts[bucket] : 0;
        }
        return above;
    }

    /// <summary>Pairs of variable-length integers: buckets to go on by, and the count there.</summary>
    public byte[] ToBytes()
    {
        var bytes = new List<byte>(32);
        int previous = 0;
        for (int bucket = 0; bucket < _counts.Length; bucket++)
        {
            if (_counts[bucket] > 0)
            {
                WriteVarint(bytes, bucket - previous);
                WriteVarint(bytes, _counts[bucket]);
                previous = bucket;
            }
        }
        return [.. bytes];
    }

    private static int BucketOf(long microseconds) =>
        microseconds <= 1 ? 0 : Math.Min((int)(Math.Log(microseconds) / LogGrowth), MaxBucket);

    private void AddToBucket(int bucket, long count)
    {
        if (bucket >= _counts.Length)
        {
            Array.Resize(ref _counts, (bucket + Room) / Room * Room);
        }
        _counts[bucket] += count;
        Count += count;
    }

    private static void WriteVarint(List<byte> bytes, long value)
    {
        ulong rest = (ulong)value;
        while (rest >= 0x80)
        {
            bytes.Add((byte)(rest | 0x80));
            rest >>= 7;
        }
        bytes.Add((byte)rest);
    }

    private static bool TryReadVarint(ref ReadOnlySpan<byte> bytes, out long value)
    {
        ulong read = 0;
        for (int i = 0; i < Math.Min(bytes.Length, 10); i++)
        {
            read |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] < 0x80)
            {
                bytes = bytes[(i + 1)..];
                value = (long)read;
                return true;
            }
        }
        value = 0;
        return false;
    }
}
