namespace Gateway.Web.Administration.Operations;

/// <summary>A model's targets and how it stands against them, as pages and the admin API show it.</summary>
public sealed record SloView
{
    public required string Id { get; init; }

    /// <summary>The model's public name; its id where it is not there any more.</summary>
    public required string Model { get; init; }
    public required string ModelId { get; init; }

    /// <summary>95 % of first tokens come within so many milliseconds; null sets no such target.</summary>
    public double? TtftP95Ms { get; init; }

    /// <summary>At most so many of 100 calls fail; null sets no such target.</summary>
    public double? ErrorRatePercent { get; init; }

    /// <summary>7, 28 or 30.</summary>
    public int WindowDays { get; init; }

    /// <summary>Of the target that stands worst: <c>ok</c>, <c>no_traffic</c>, <c>few_calls</c>, <c>ticket</c>, <c>page</c> or <c>spent</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Admitted calls of the window.</summary>
    public long Requests { get; init; }
    public IReadOnlyList<SloObjective> Objectives { get; init; } = [];
}

/// <summary>One target of a model.</summary>
/// <param name="Name"><c>errors</c> or <c>ttft</c>.</param>
/// <param name="Target">Per cent of calls that may fail, or milliseconds.</param>
/// <param name="Actual">Per cent of calls that did fail, or the 95th percentile in milliseconds; null without a call.</param>
/// <param name="GoodPercent">Calls that were good, of 100; null without a call.</param>
/// <param name="BudgetLeftPercent">Of the bad calls that the target allows in the window; below 0 when there were more. Null without a call.</param>
/// <param name="Status"><c>ok</c>, <c>no_traffic</c>, <c>few_calls</c>, <c>ticket</c>, <c>page</c> or <c>spent</c>.</param>
public sealed record SloObjective(
    string Name, double Target, double? Actual, double? GoodPercent, double? BudgetLeftPercent, string Status, IReadOnlyList<SloBurn> Burn);

/// <summary>How fast the budget burns: 1 would spend just all of it in the window.</summary>
/// <param name="Window"><c>1h</c>, <c>6h</c>, <c>24h</c> or <c>3d</c>.</param>
/// <param name="Rate">Null without a call.</param>
/// <param name="Recent">The rate over the last twelfth of it, which tells whether it goes on.</param>
/// <param name="Limit">From here on somebody should look.</param>
public sealed record SloBurn(string Window, double? Rate, double? Recent, double Limit, bool Exceeded);

/// <summary>What to set of a model's targets. New ones need a model and one of the two targets.</summary>
internal sealed record SloChange
{
    /// <summary>A model's id or public name.</summary>
    public Optional<string?> Model { get; init; }
    public Optional<double?> TtftP95Ms { get; init; }
    public Optional<double?> ErrorRatePercent { get; init; }

    /// <summary>7, 28 or 30; 30 when left out of a new one.</summary>
    public Optional<int?> WindowDays { get; init; }
}

/// <summary>As it is kept; the document's name is the model's id.</summary>
internal sealed record SloTarget(double? TtftP95Ms, double? ErrorRatePercent, int WindowDays);
