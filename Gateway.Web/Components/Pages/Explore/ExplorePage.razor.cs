using System.Globalization;
using Gateway.Core.Catalog;
using Gateway.Web.Administration;
using Gateway.Web.Administration.Traffic;
using Gateway.Web.Components.Controls;
using Microsoft.AspNetCore.Components;

namespace Gateway.Web.Components.Pages.Explore;

/// <summary>Any figure by any two things, over any time. All that is chosen is in the address.</summary>
public sealed partial class ExplorePage : TrafficPage
{
    private static readonly int[] Tops = [5, 10, 20, 50];
    private static readonly (string Name, string Label)[] Kinds = [("line", "Line"), ("bars", "Bars"), ("stacked", "Stacked"), ("table", "Table")];

    private static readonly (string Name, string Label, TimeSpan Width)[] Buckets =
    [
        ("1m", "minute", TimeSpan.FromMinutes(1)), ("5m", "5 minutes", TimeSpan.FromMinutes(5)), ("15m", "15 minutes", TimeSpan.FromMinutes(15)),
        ("1h", "hour", TimeSpan.FromHours(1)), ("6h", "6 hours", TimeSpan.FromHours(6)), ("1d", "day", TimeSpan.FromDays(1)), ("7d", "7 days", TimeSpan.FromDays(7)),
    ];

    private const int MostPoints = 500;
    private const int Colours = 10;

    private Loaded<Explored>? _data;
    private Explored? _drawn;
    private IReadOnlyList<ChartSeries> _series = [];
    private UsageMetric _metric = UsageMetric.Requests;
    private UsageGrouping _by;
    private UsageGrouping _then;
    private int _top;
    private string? _bucket;
    private string? _shown;

    [Inject] private Exploration Exploration { get; set; } = null!;
    [Inject] private UsageQueries Usage { get; set; } = null!;

    [SupplyParameterFromQuery] public string? Metric { get; set; }
    [SupplyParameterFromQuery] public string? By { get; set; }
    [SupplyParameterFromQuery] public string? Then { get; set; }
    [SupplyParameterFromQuery] public string? Top { get; set; }
    [SupplyParameterFromQuery] public string? Chart { get; set; }
    [SupplyParameterFromQuery] public string? Every { get; set; }

    /// <summary>What adds up is shown stacked until somebody chooses.</summary>
    private string KindFor(UsageMetric metric) => Kinds.Any(k => k.Name == Chart && (Chart != "stacked" || metric.Adds)) ? Chart! : metric.Adds ? "stacked" : "line";

    private string CsvUrl => ConsoleUrls.With("/admin/v1/explore",
    [
        ("format", "csv"), ("metric", _metric.Name), ("group_by", _by.ToName()), ("then_by", _then.ToName()), ("top", _top.ToString(CultureInfo.InvariantCulture)),
        ("from", Span.From.ToString("O")), ("to", Span.To.ToString("O")), ("q", Filter.Text.ToString()),
        ("interval", TrafficInterval.Name(Width)),
    ]);

    private TimeSpan Width => Buckets.FirstOrDefault(b => b.Name == _bucket && Fits(b.Width)) is { Width: var width } && width > TimeSpan.Zero ? width : UsageQuery.IntervalFor(Span.Length);

    protected override async Task OnParametersSetAsync()
    {
        _metric = UsageMetric.Find(Metric) ?? UsageMetric.Requests;
        _by = UsageGroupings.TryParse(By, out UsageGrouping by) ? by : UsageGrouping.None;
        _then = UsageGroupings.TryParse(Then, out UsageGrouping then) && then != _by && _by != UsageGrouping.None ? then : UsageGrouping.None;
        _top = int.TryParse(Top, NumberStyles.None, CultureInfo.InvariantCulture, out int top) && Tops.Contains(top) ? top : 10;
        _bucket = Every;
        string url = Url(Filter);
        if (_shown is not null && _shown != url && _data is not null)
        {
            await _data.RefreshAsync();
        }
        _shown = url;
    }

    private async Task<Explored> ReadAsync(CancellationToken cancellationToken)
    {
        TimeRange range = SpanNow();
        UsageQuery usage = UsageOf(range) with { Interval = Width, GroupBy = _by, ThenBy = _then };
        ExploreResult result = await Exploration.ReadAsync(new ExploreQuery { Usage = usage, Metric = _metric, Top = _top }, cancellationToken);
        TimeRange previous = range.Previous;
        UsageReport? before = range.Compare ? await Usage.ReadAsync(usage with { From = previous.From, To = previous.To, Latency = result.Query.Metric.NeedsLatency }, cancellationToken) : null;
        return new Explored(result, before);
    }

    private IReadOnlyList<ChartSeries> Series(Explored shown)
    {
        if (ReferenceEquals(_drawn, shown))
        {
            return _series;
        }
        _drawn = shown;
        ExploreResult result = shown.Result;
        List<ChartSeries> series =
        [
            .. result.Groups.Select((g, i) => new ChartSeries(
                Title(result.Query, g), Colour(g, i), [.. result.Starts.Zip(g.Points, (start, value) => new ChartPoint(start.ToUnixTimeMilliseconds(), value))])),
        ];
        if (shown.Before is { } before)
        {
            ChartPoint[] points = [.. result.Starts.Zip(before.Series, (start, point) => new ChartPoint(start.ToUnixTimeMilliseconds(), result.Query.Metric.Of(point.Sums)))];
            series.Add(new ChartSeries("All, before", "--chart-quiet", points) { Dashed = true });
        }
        return _series = series;
    }

    private string Title(ExploreQuery query, ExploreGroup group)
    {
        (UsageGrouping by, UsageGrouping then) = (query.Usage.GroupBy, query.Usage.ThenBy);
        if (group.Others > 0)
        {
            return $"Other ({group.Others})";
        }
        return by == UsageGrouping.None ? query.Metric.Label : then == UsageGrouping.None ? Display(by, group.Name) : $"{Display(by, group.Name)} · {Display(then, group.Then)}";
    }

    private static string Colour(ExploreGroup group, int place) => group.Others > 0 ? "--chart-quiet" : $"--chart-{(place % Colours) + 1}";

    private static string Name(UsageGrouping grouping) => grouping switch
    {
        UsageGrouping.None => "nothing",
        UsageGrouping.Status => "status class",
        UsageGrouping.Error => "error kind",
        _ => grouping.ToName(),
    };

    private static string Heading(UsageGrouping grouping) => $"{char.ToUpperInvariant(Name(grouping)[0])}{Name(grouping)[1..]}";

    private string Display(UsageGrouping grouping, string name) => name.Length == 0
        ? grouping switch { UsageGrouping.None => "All", UsageGrouping.Error => "none", _ => $"no {Name(grouping)}" }
        : grouping switch
        {
            UsageGrouping.Key => Names.OfKey(name),
            UsageGrouping.Backend => Catalog.Current.Backends.GetValueOrDefault(name) is { } backend ? $"{backend.Provider.Name} · {backend.UpstreamModel}" : name,
            UsageGrouping.Error => Show.Kind(name),
            _ => name,
        };

    /// <summary>The requests of a group; null where a query cannot say which these are.</summary>
    private string? Link(ExploreQuery query, ExploreGroup group)
    {
        RequestFilter filter = Filter;
        foreach ((UsageGrouping grouping, string name) in (ReadOnlySpan<(UsageGrouping, string)>)[(query.Usage.GroupBy, group.Name), (query.Usage.ThenBy, group.Then)])
        {
            if (grouping.Field() is { } field)
            {
                if (name.Length == 0 && grouping == UsageGrouping.Team)
                {
                    return null;
                }
                filter = filter.Within(field, name);
            }
        }
        return ConsoleUrls.Requests(filter);
    }

    /// <summary>The figure of the span before; the others' is that of all calls that no group has that is shown by itself now.</summary>
    private static double? Earlier(Explored shown, ExploreGroup group)
    {
        (ExploreResult result, UsageReport before) = (shown.Result, shown.Before!);
        if (result.Query.Usage.GroupBy == UsageGrouping.None)
        {
            return result.Query.Metric.Of(before.Total);
        }
        UsageGroup[] earlier = [.. before.Groups.Where(g => group.Others == 0 ? Is(group, g) : !result.Groups.Any(shown => shown.Others == 0 && Is(shown, g)))];
        return earlier.Length == 0 ? null : result.Query.Metric.Of(Exploration.Sum(earlier));

        static bool Is(ExploreGroup group, UsageGroup other) => group.Name == other.Name && group.Then == other.Then;
    }

    /// <summary>What stands beside the figure, to judge it by.</summary>
    private static IEnumerable<UsageMetric> Others(UsageMetric metric) => ((string[])["requests", "errors", "cost"]).Where(n => n != metric.Name).Select(n => UsageMetric.Find(n)!);

    private string Figure(UsageMetric metric, double? value) => Show.Measure(value, metric.Unit);

    private bool Fits(TimeSpan width) => Span.Length / width is >= 1 and <= MostPoints;

    private static string? Text(ChangeEventArgs e) => e.Value?.ToString() ?? "";

    private void Set(string? metric = null, string? by = null, string? then = null, string? top = null, string? chart = null, string? bucket = null)
    {
        (Metric, By, Then, Top, Chart, Every) = (metric ?? Metric, by ?? By, then ?? Then, top ?? Top, chart ?? Chart, bucket ?? Every);
        Go(Filter);
    }

    private void Go(RequestFilter filter) => Navigation.NavigateTo(Url(filter));

    private string Url(RequestFilter filter) => ConsoleUrls.With(ConsoleUrls.ExplorePath, filter.ToQuery().Concat(
        [("metric", Metric), ("by", By), ("then", Then), ("top", Top), ("chart", Chart), ("every", Every)]));

    /// <param name="Before">The same of the span before; null unless it is compared.</param>
    private sealed record Explored(ExploreResult Result, UsageReport? Before);
}
