using Gateway.Core.Limits;

namespace Gateway.Web.Alerts;

/// <summary>What an alert can look at.</summary>
/// <param name="Name">As rules name it.</param>
/// <param name="Unit">Behind a value; empty for a bare number.</param>
/// <param name="Below">True fires when there is less than the threshold.</param>
/// <param name="HasWindow">Whether it is measured over the rule's window.</param>
/// <param name="Scopes">What it can be measured of.</param>
/// <param name="Usual">A threshold to begin with.</param>
internal sealed record AlertMetric(string Name, string Label, string Unit, bool Below, bool HasWindow, IReadOnlyList<ScopeKind> Scopes, double Usual)
{
    public const string ErrorRate = "error_rate_percent";
    public const string Duration = "duration_p95_ms";
    public const string FirstToken = "ttft_p95_ms";
    public const string SpendHour = "spend_per_hour_usd";
    public const string SpendDay = "spend_per_day_usd";
    public const string BudgetUsed = "budget_used_percent";
    public const string OpenCircuits = "open_circuits";
    public const string Requests = "requests";
    public const string Burn = "slo_burn";

    private static readonly ScopeKind[] Everything = [ScopeKind.Gateway, ScopeKind.Model, ScopeKind.Provider, ScopeKind.Key, ScopeKind.Team];

    public static readonly IReadOnlyList<AlertMetric> All =
    [
        new(ErrorRate, "Failed calls", "%", false, true, Everything, 10),
        new(Duration, "Duration, p95", "ms", false, true, Everything, 10_000),
        new(FirstToken, "First token, p95", "ms", false, true, Everything, 3_000),
        new(Requests, "Requests, too few", "requests", true, true, Everything, 1),
        new(OpenCircuits, "Open circuits", "", false, false, [ScopeKind.Gateway, ScopeKind.Model, ScopeKind.Provider], 1),
        new(Burn, "Burn rate of targets", "× the limit", false, false, [ScopeKind.Gateway, ScopeKind.Model], 1),
        new(SpendHour, "Spent within an hour", "$", false, false, Everything, 10),
        new(SpendDay, "Spent within 24 hours", "$", false, false, Everything, 100),
        new(BudgetUsed, "Budget used", "%", false, false, Everything, 80),
    ];

    public static AlertMetric? Find(string? name) => All.FirstOrDefault(m => m.Name == name);

    /// <summary>Of what it is measured, in words: a budget is looked at by itself, so that of the gateway as a whole is whichever is used up most.</summary>
    public string Of(ScopeKind scope, string name) => Name == BudgetUsed && scope == ScopeKind.Gateway ? "any budget" : name;

    /// <summary>A value with its unit.</summary>
    public string Show(double value) => Unit switch
    {
        "$" => FormattableString.Invariant($"${value:0.####}"),
        "" => FormattableString.Invariant($"{value:0.##}"),
        "%" => FormattableString.Invariant($"{value:0.##}%"),
        // A fraction of a millisecond says nothing beside a whole one.
        "ms" when value >= 10 => FormattableString.Invariant($"{value:#,0} ms"),
        _ => FormattableString.Invariant($"{value:#,0.##} {Unit}"),
    };
}
