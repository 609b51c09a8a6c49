using Gateway.Web.Storage.Rows;

namespace Gateway.Web.Storage.Usage;

/// <summary>Cuts a window into as few rollup spans as cover it exactly.</summary>
internal static class RollupPieces
{
    /// <param name="fromMs">A whole minute.</param>
    /// <param name="toMs">A whole minute, exclusive.</param>
    /// <param name="intervalMs">No span may be longer than this; null for no limit.</param>
    /// <returns>Windows of whole spans of a resolution, exclusive ends, none empty.</returns>
    public static IEnumerable<(RollupResolution Resolution, long FromMs, long ToMs)> Of(long fromMs, long toMs, long? intervalMs)
    {
        RollupResolution largest = intervalMs switch
        {
            null => RollupResolution.Day,
            { } width when width % RollupBucket.DayMs == 0 => RollupResolution.Day,
            { } width when width % RollupBucket.HourMs == 0 => RollupResolution.Hour,
            _ => RollupResolution.Minute,
        };
        return Of(largest, fromMs, toMs);
    }

    private static IEnumerable<(RollupResolution, long, long)> Of(RollupResolution resolution, long from, long to)
    {
        if (from >= to)
        {
            yield break;
        }
        if (resolution == RollupResolution.Minute)
        {
            yield return (resolution, from, to);
            yield break;
        }
        long width = RollupBucket.Width(resolution);
        long first = (from + width - 1) / width * width;
        long last = to / width * width;
        if (first >= last)
        {
            foreach (var piece in Of(resolution - 1, from, to))
            {
                yield return piece;
            }
            yield break;
        }
        foreach (var piece in Of(resolution - 1, from, first))
        {
            yield return piece;
        }
        yield return (resolution, first, last);
        foreach (var piece in Of(resolution - 1, last, to))
        {
            yield return piece;
        }
    }
}
