using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Gateway.Web.Components.Controls;

/// <summary>How a <see cref="TimeChart"/> draws its series.</summary>
public enum ChartKind
{
    Line,
    Area,
    StackedBars,
    Bars,
}

/// <summary>One line or colour of a chart.</summary>
/// <param name="Colour">A custom property of tokens.css, for example <c>--chart-1</c>.</param>
/// <param name="Points">Unix milliseconds and value; a null value leaves a gap.</param>
public sealed record ChartSeries(string Name, string Colour, IReadOnlyList<ChartPoint> Points)
{
    /// <summary>Something to compare with: always a line, and dashed.</summary>
    public bool Dashed { get; init; }

    /// <summary>Makes it a band: from these values up to those of the points, one for each; for charts of lines.</summary>
    public IReadOnlyList<double?>? Lower { get; init; }
}

public readonly record struct ChartPoint(long At, double? Value);

public sealed partial class TimeChart : IAsyncDisposable
{
    private ElementReference _element;
    private IJSObjectReference? _module;
    private IJSObjectReference? _chart;
    private DotNetObjectReference<TimeChart>? _self;
    private IReadOnlyList<ChartSeries>? _drawn;
    private ChartKind _drawnKind;
    private bool _drawing;
    private bool _disposed;

    [Inject] public required IJSRuntime Js { get; init; }

    /// <summary>A new list is drawn; the same list is not drawn again.</summary>
    [Parameter, EditorRequired] public IReadOnlyList<ChartSeries> Series { get; set; } = [];

    [Parameter] public ChartKind Kind { get; set; }

    /// <summary><c>count</c>, <c>duration</c> (microseconds), <c>usd</c> or <c>part</c> (of one).</summary>
    [Parameter] public string Unit { get; set; } = "count";

    /// <summary>Pixels.</summary>
    [Parameter] public int Height { get; set; } = 220;

    /// <summary>Leaves out the legend and most of the axes.</summary>
    [Parameter] public bool Bare { get; set; }

    /// <summary>Whose clock its times are; null for that of whoever looks.</summary>
    [Parameter] public TimeZoneInfo? Zone { get; set; }

    /// <summary>What the chart shows, for those who cannot see it.</summary>
    [Parameter, EditorRequired] public string Label { get; set; } = "";

    /// <summary>A span of time was chosen by dragging over it.</summary>
    [Parameter] public EventCallback<TimeRange> OnZoom { get; set; }

    /// <summary>One interval was clicked.</summary>
    [Parameter] public EventCallback<TimeRange> OnPick { get; set; }

    private string Summary => $"{Label}. {string.Join(", ", Series.Select(Describe))}.";

    /// <summary>Called by the browser.</summary>
    [JSInvokable]
    public Task OnRangeAsync(long from, long to, bool picked)
    {
        var range = TimeRange.Between(DateTimeOffset.FromUnixTimeMilliseconds(from), DateTimeOffset.FromUnixTimeMilliseconds(to));
        return picked ? OnPick.InvokeAsync(range) : OnZoom.InvokeAsync(range);
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        try
        {
            await RemoveAsync();
        }
        catch (Exception e) when (e.IsOfLostBrowser())
        {
            // The page is gone, and the chart with it.
        }
        _self?.Dispose();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_drawing)
        {
            // Whoever draws looks again when done: two at once would make two charts.
            return;
        }
        _drawing = true;
        try
        {
            while (!_disposed && !(ReferenceEquals(_drawn, Series) && _drawnKind == Kind))
            {
                await DrawAsync();
            }
        }
        catch (Exception e) when (e.IsOfLostBrowser())
        {
            // Closed while drawing.
        }
        finally
        {
            _drawing = false;
        }
    }

    private async Task DrawAsync()
    {
        (_drawn, _drawnKind) = (Series, Kind);
        object[] series = [.. Series.Select(s => new { name = s.Name, colour = s.Colour, dashed = s.Dashed, lower = s.Lower, data = s.Points.Select(p => new object?[] { p.At, p.Value }) })];
        var look = new
        {
            kind = Kind.ToString(),
            unit = Unit,
            height = Height,
            bare = Bare,
            zooms = OnZoom.HasDelegate,
            picks = OnPick.HasDelegate,
            clock = ChartClock.Of(Zone ?? Show.Zone, Series),
            group = Show.Numbers.NumberGroupSeparator,
            point = Show.Numbers.NumberDecimalSeparator,
        };
        if (_chart is not null)
        {
            await _chart.InvokeVoidAsync("update", look, series);
            return;
        }
        _self ??= DotNetObjectReference.Create(this);
        _module ??= await Js.InvokeAsync<IJSObjectReference>("import", "./Components/Controls/TimeChart.razor.js");
        if (!_disposed)
        {
            _chart = await _module.InvokeAsync<IJSObjectReference>("create", _element, _self, look, series);
        }
        if (_disposed)
        {
            // The page was left while the browser was asked, when there was nothing yet to remove.
            await RemoveAsync();
        }
    }

    private async ValueTask RemoveAsync()
    {
        (IJSObjectReference? chart, IJSObjectReference? module) = (_chart, _module);
        (_chart, _module) = (null, null);
        if (chart is not null)
        {
            await chart.InvokeVoidAsync("dispose");
            await chart.DisposeAsync();
        }
        if (module is not null)
        {
            await module.DisposeAsync();
        }
    }

    private string Describe(ChartSeries series)
    {
        double?[] values = [.. series.Points.Select(p => p.Value).Where(v => v is not null)];
        return values.Length == 0
            ? $"{series.Name}: no data"
            : $"{series.Name}: latest {Text(values[^1])}, highest {Text(values.Max())}";
    }

    // A mean of a few calls is no whole number.
    private string Text(double? value) => Unit == "count" ? Show.Number(value, "#,0.##") : Show.Measure(value, Unit);
}
