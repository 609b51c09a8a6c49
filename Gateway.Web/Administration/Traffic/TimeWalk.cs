using Gateway.Core.Accounting;

namespace Gateway.Web.Administration.Traffic;

/// <param name="LookedBackTo">Where patience ended: there may be more before it. Null: the page is full, or there is no more.</param>
public sealed record RequestPage(IReadOnlyList<UsageRecord> Calls, DateTimeOffset? LookedBackTo);

/// <summary>
/// Goes back in time window by window, each wider than the one before while they are quickly read, and gives up after a
/// while. SQLite cannot be interrupted in a statement, so no statement may be asked for too much.
/// </summary>
internal sealed class TimeWalk(TimeProvider time, DateTimeOffset from, DateTimeOffset to)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(250);

    private readonly long _began = time.GetTimestamp();
    private TimeSpan _width = TimeSpan.FromHours(1);
    private DateTimeOffset _at = to;
    private long _last;

    public bool IsFirst { get; private set; }

    /// <summary>Null when it came to the end.</summary>
    public DateTimeOffset? StoppedAt => _at > from ? _at : null;

    public bool TryNext(out DateTimeOffset begin, out DateTimeOffset end)
    {
        IsFirst = _last == 0;
        end = begin = _at;
        if (_at <= from || time.GetElapsedTime(_began) > Patience)
        {
            return false;
        }
        if (!IsFirst && time.GetElapsedTime(_last) < Quick)
        {
            _width *= 2;
        }
        _last = time.GetTimestamp();
        begin = _at = _at - from > _width ? _at - _width : from;
        return true;
    }
}
