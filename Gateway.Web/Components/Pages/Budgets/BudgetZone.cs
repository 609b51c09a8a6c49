namespace Gateway.Web.Components.Pages.Budgets;

/// <summary>The time zone of a budget, to show its times in.</summary>
internal static class BudgetZone
{
    /// <summary>What a browser completes: every zone known here by its IANA name.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. TimeZoneInfo.GetSystemTimeZones().Where(z => z.HasIanaId && z.Id.Contains('/')).Select(z => z.Id).Order(StringComparer.Ordinal)];

    /// <summary>UTC where none is named, or one that is not known here.</summary>
    public static TimeZoneInfo Of(string? name) =>
        !string.IsNullOrWhiteSpace(name) && TimeZoneInfo.TryFindSystemTimeZoneById(name.Trim(), out TimeZoneInfo? zone) ? zone : TimeZoneInfo.Utc;
}
