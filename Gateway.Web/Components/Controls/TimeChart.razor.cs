using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Gateway.Web.Components.Controls;

/// <summary>How a <see cref="TimeChart"/> draws its series.</summary>
public enum ChartKind
{
    Line,
    Area,
    StackedBars,
}

/// <summary>One line or colour of a chart.</summary>
/// <param name="Colour">A custom property of tokens.css, for example <c>--chart-1</c>.</param>
/// <param name="Points">Unix milliseconds and value; a null value leaves a gap.</param>
public sealed record ChartSeries(string Name, string Colour, IReadOnlyList<ChartPoint> Points);

public readonly record struct ChartPoint(long At, double? Value);

public sealed partial class TimeChart : IAsyncDisposable
{
    private ElementReference _element;
    private IJSObjectReference? _module;
    private IJSObjectReference? _chart;
    private IReadOnlyList<ChartSeries>? _drawn;

    [Inject] public required IJSRuntime Js { get; init; }

    /// <summary>A new list is drawn; the same list is not drawn again.</summary>
    [Parameter, EditorRequired] public IReadOnlyList<ChartSeries> Series { get; set; } = [];

    [Parameter] public ChartKind Kind { get; set; }

    /// <summary><c>count</c>, <c>duration</c> (microseconds) or <c>usd</c>.</summary>
    [Parameter] public string Unit { get; set; } = "count";

    /// <summary>Pixels.</summary>
    [Parameter] public int Height { get; set; } = 220;

    /// <summary>What the chart shows, for those who cannot see it.</summary>
    [Parameter, EditorRequired] public string Label { get; set; } = "";

    private string Summary => $"{Label}. {string.Join(", ", Series.Select(Describe))}.";

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_chart is not null)
            {
                await _chart.InvokeVoidAsync("dispose");
                await _chart.DisposeAsync();
            }
            if (_module is not null)
            {
                await _module.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The page is gone, and the chart with it.
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (ReferenceEquals(_drawn, Series))
        {
            return;
        }
        _drawn = Series;
        object[] series = [.. Series.Select(s => new { name = s.Name, colour = s.Colour, data = s.Points.Select(p => new object?[] { p.At, p.Value }) })];
        try
        {
            if (_chart is null)
            {
                _module ??= await Js.InvokeAsync<IJSObjectReference>("import", "./Components/Controls/TimeChart.razor.js");
                _chart = await _module.InvokeAsync<IJSObjectReference>(
                    "create", _element, new { kind = Kind.ToString(), unit = Unit, height = Height }, series);
            }
            else
            {
                await _chart.InvokeVoidAsync("update", new object[] { series });
            }
        }
        catch (JSDisconnectedException)
        {
            // Closed while drawing.
        }
    }

    private static string Describe(ChartSeries series)
    {
        double?[] values = [.. series.Points.Select(p => p.Value).Where(v => v is not null)];
        return values.Length == 0
            ? $"{series.Name}: no data"
            : string.Create(CultureInfo.InvariantCulture, $"{series.Name}: latest {values[^1]:0.##}, highest {values.Max():0.##}");
    }
}
