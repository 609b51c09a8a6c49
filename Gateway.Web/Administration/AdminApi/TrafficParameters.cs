using System.Globalization;
using Gateway.Core.Catalog;
using Gateway.Web.Administration.Traffic;
using Microsoft.Extensions.Primitives;

namespace Gateway.Web.Administration.AdminApi;

/// <summary>Reads which calls a request asks for, and remembers the first parameter that does not fit.</summary>
internal sealed class TrafficParameters(HttpContext context)
{
    /// <summary>Parameters that stand for one word of a query.</summary>
    private static readonly (string Parameter, RequestField Field)[] Fields =
        [("key_id", RequestField.Key), ("model", RequestField.Model), ("provider", RequestField.Provider), ("backend_id", RequestField.Backend), ("error_kind", RequestField.Error)];

    public string? Problem { get; private set; }

    public string? Text(string name) => context.Request.Query.TryGetValue(name, out StringValues value) && value.ToString() is { Length: > 0 } text ? text : null;

    public RequestQuery Requests() => new() { From = Time("from"), To = Time("to"), Terms = Terms() };

    public UsageQuery Usage()
    {
        DateTimeOffset now = context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        var query = new UsageQuery
        {
            From = Time("from") ?? DateTimeOffset.UnixEpoch,
            // A call that has only just begun is in the minute that is not over.
            To = Time("to") ?? now.AddMinutes(1),
            Terms = Terms(),
            GroupBy = Grouping("group_by"),
            ThenBy = Grouping("then_by"),
            Interval = Text("interval") switch
            {
                null => null,
                { } name => TrafficInterval.TryParse(name, out TimeSpan interval) ? interval
                    : Fail<TimeSpan?>("interval is minute, hour or day, or a number of them that divides a day (5m, 15m, 6h) or is of whole days (7d)."),
            },
        };
        if (query.Interval is { } width && (query.To - query.From) / width > 10_000)
        {
            Fail<int>("That is more than 10,000 intervals: give from and to, or a wider interval.");
        }
        return query;
    }

    /// <summary>ISO 8601, UTC where it names no offset; or Unix seconds.</summary>
    public DateTimeOffset? Time(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) && seconds <= 253_402_300_799)
        {
            return DateTimeOffset.FromUnixTimeSeconds(seconds);
        }
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset at)
            ? at
            : Fail<DateTimeOffset?>($"{name} is a time such as 2026-11-20T12:00:00Z.");
    }

    public T? Fail<T>(string problem)
    {
        Problem ??= problem;
        return default;
    }

    private UsageGrouping Grouping(string name) => UsageGroupings.TryParse(Text(name), out UsageGrouping grouping)
        ? grouping
        : Fail<UsageGrouping>($"{name} is {string.Join(", ", Enum.GetValues<UsageGrouping>().Skip(1).Select(g => g.ToName()))}.");

    private List<RequestTerm> Terms()
    {
        CatalogDefinition catalog = context.RequestServices.GetRequiredService<CallNames>().Definition;
        List<RequestTerm> terms = [.. RequestTerms.Read(RequestText.Parse(Text("q")), catalog, out IReadOnlyList<string> problems)];
        if (problems.Count > 0)
        {
            Fail<int>(string.Join(" ", problems));
        }
        // Values of parameters are taken as they are: no star, no list.
        if (Fields.FirstOrDefault(f => Text(f.Parameter) == RequestTerm.Any) is { Parameter: not null } starred)
        {
            Fail<int>($"{starred.Parameter} is one value, taken as it is. Leave it out for all, or ask with q={starred.Field.Name}:* for calls that have any.");
        }
        terms.AddRange(Fields.Where(f => Text(f.Parameter) is not null).Select(f => RequestTerm.Is(f.Field, Text(f.Parameter)!)));
        if (Text("request_id") is { } id)
        {
            terms.Add(RequestTerm.Is(RequestField.Id, id + "*"));
        }
        if (Text("status") is { } status)
        {
            terms.Add(status is [>= '2' and <= '5', 'x', 'x']
                ? new RequestTerm(RequestField.Status) { Min = (status[0] - '0') * 100, Max = ((status[0] - '0') * 100) + 99 }
                : new RequestTerm(RequestField.Status) { Min = Fail<int>("status is 2xx, 3xx, 4xx or 5xx.") });
        }
        if (Flag("failed") is { } failed)
        {
            terms.Add(new RequestTerm(RequestField.Error) { Values = [RequestTerm.Any], Not = !failed });
        }
        if (Flag("streamed") is { } streamed)
        {
            terms.Add(new RequestTerm(RequestField.Stream) { Min = streamed ? 1 : 0, Max = streamed ? 1 : 0 });
        }
        return terms;
    }

    private bool? Flag(string name) => Text(name) switch
    {
        null => null,
        "true" => true,
        "false" => false,
        _ => Fail<bool?>($"{name} is true or false."),
    };
}
