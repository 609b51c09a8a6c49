using Gateway.Core.Accounting;
using Gateway.Web.Administration.Traffic;
using Gateway.Web.Storage.Rows;

namespace Gateway.Web.Administration;

/// <summary>Which calls to list; all terms have to be met.</summary>
public sealed record RequestQuery
{
    public DateTimeOffset? From { get; init; }

    /// <summary>Exclusive.</summary>
    public DateTimeOffset? To { get; init; }
    public IReadOnlyList<RequestTerm> Terms { get; init; } = [];

    /// <summary>Holds to the window even where a request's id is given: whoever counts window by window would count it in each.</summary>
    internal bool OnlyWithin { get; init; }

    /// <summary>Whoever has a request's id looks for it whenever it was.</summary>
    internal bool IsById => !OnlyWithin && Terms.Any(t => t.Field == RequestField.Id && !t.Not && t.Values.All(v => !v.EndsWith('*')));

    /// <summary>The same decision as <see cref="Where"/> makes, for calls that are not in the database.</summary>
    public bool Matches(UsageRecord record) =>
        (From is not { } from || IsById || record.StartedAt >= from)
        && (To is not { } to || IsById || record.StartedAt < to)
        && Terms.All(t => t.Matches(record));

    internal IQueryable<UsageRecordRow> Where(IQueryable<UsageRecordRow> rows)
    {
        if (!IsById && From?.ToUnixTimeMilliseconds() is { } from)
        {
            rows = rows.Where(r => r.StartedAtMs >= from);
        }
        if (!IsById && To?.ToUnixTimeMilliseconds() is { } to)
        {
            rows = rows.Where(r => r.StartedAtMs < to);
        }
        return Terms.Aggregate(rows, (all, term) => all.Where(term.Predicate()));
    }
}
