using Gateway.Core.Catalog;
using Gateway.Web.Administration;
using Gateway.Web.Administration.Traffic;
using Microsoft.AspNetCore.Components;

namespace Gateway.Web.Components;

/// <summary>A page on traffic: its time range and its query are in the address, in the same words on all such pages.</summary>
public abstract class TrafficPage : ComponentBase
{
    [Inject] public required NavigationManager Navigation { get; init; }
    [Inject] public required TimeProvider Time { get; init; }
    [Inject] public required GatewayCatalog Catalog { get; init; }
    [Inject] internal CallNames Names { get; init; } = null!;

    [SupplyParameterFromQuery] public string? Range { get; set; }
    [SupplyParameterFromQuery] public string? From { get; set; }
    [SupplyParameterFromQuery] public string? To { get; set; }
    [SupplyParameterFromQuery] public string? Compare { get; set; }

    /// <summary>The query's text.</summary>
    [SupplyParameterFromQuery(Name = "q")] public string? Query { get; set; }

    protected RequestFilter Filter { get; private set; } = new();

    protected IReadOnlyList<RequestTerm> Terms { get; private set; } = [];

    /// <summary>What the query's text says that makes no sense.</summary>
    protected IReadOnlyList<string> Problems { get; private set; } = [];

    protected TimeRange Span => Filter.Range!;

    protected override void OnParametersSet()
    {
        Filter = new RequestFilter { Range = TimeRange.Parse(Range, From, To, Time.GetUtcNow()) with { Compare = Compare is not null }, Text = RequestText.Parse(Query) };
        Terms = RequestTerms.Read(Filter.Text, Names.Definition, out IReadOnlyList<string> problems);
        Problems = problems;
    }

    /// <summary>The range as it is at this moment: a preset moves on.</summary>
    protected TimeRange SpanNow() => Span.Preset is null ? Span : TimeRange.Parse(Span.Preset, null, null, Time.GetUtcNow()) with { Compare = Span.Compare };

    protected UsageQuery UsageOf(TimeRange range) => new() { From = range.From, To = range.To, Terms = Terms, Interval = UsageQuery.IntervalFor(range.Length) };
}
