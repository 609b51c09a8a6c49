using Gateway.Core.Accounting;
using Gateway.Web.Components.Controls;

namespace Gateway.Web.Components.Pages.Requests;

/// <summary>A column of the table of requests that can be left out.</summary>
/// <param name="Name">As the address spells it.</param>
/// <param name="Usual">Shown until somebody chooses.</param>
/// <param name="Roomy">Left out beside the drawer, where there is no room for it.</param>
/// <param name="Text">Of a call, with the name of each key's team.</param>
internal sealed record RequestColumn(string Name, string Label, bool Right, bool Usual, bool Roomy, Func<UsageRecord, Show, IReadOnlyDictionary<string, string>, string> Text);

internal static class RequestColumns
{
    /// <summary>Time and status come before these and are always there.</summary>
    public static readonly IReadOnlyList<RequestColumn> All =
    [
        new("model", "Model", false, true, false, (r, _, _) => r.RequestedModel ?? Show.Nothing),
        new("provider", "Provider", false, true, true, (r, _, _) => r.Provider ?? Show.Nothing),
        new("key", "Key", false, true, true, (r, _, _) => r.KeyName ?? r.KeyPrefix ?? Show.Nothing),
        new("team", "Team", false, false, true, (r, _, teams) => TeamOf(r, teams) ?? Show.Nothing),
        new("route", "Route", false, false, true, (r, _, _) => r.Route ?? Show.Nothing),
        new("operation", "Operation", false, false, true, (r, _, _) => Core.Catalog.Operations.ToName(r.Operation)),
        new("ttft", "TTFT", true, true, true, (r, show, _) => show.Duration(r.TimeToFirstTokenUs)),
        new("total", "Total", true, true, false, (r, show, _) => show.Duration(r.DurationUs)),
        new("overhead", "Overhead", true, false, true, (r, show, _) => show.Duration(Math.Max(0, r.DurationUs - r.UpstreamUs))),
        new("tokens", "Tokens in / out", true, true, false, Tokens),
        new("cached", "Cached", true, true, true, (r, show, _) => r.Usage.CachedInputTokens > 0 ? show.Count(r.Usage.CachedInputTokens) : Show.Nothing),
        new("cost", "Cost", true, true, false, (r, show, _) => r.Admitted ? show.Money(r.Cost) : Show.Nothing),
        new("attempts", "Attempts", true, false, true, (r, show, _) => show.Count(r.Attempts.Count)),
        new("finish", "Finish", false, false, true, (r, _, _) => r.FinishReason ?? Show.Nothing),
        new("tags", "Tags", false, false, true, (r, _, _) => r.Metadata ?? Show.Nothing),
        new("id", "Request id", false, false, true, (r, _, _) => r.RequestId),
    ];

    /// <param name="chosen">Names with commas between; null for the usual ones.</param>
    public static IReadOnlyList<RequestColumn> Of(string? chosen)
    {
        string[]? names = chosen?.Split(',');
        return [.. All.Where(c => names?.Contains(c.Name) ?? c.Usual)];
    }

    /// <summary>Null for the usual ones, which an address need not name.</summary>
    public static string? Text(IReadOnlyCollection<string> names) =>
        names.ToHashSet().SetEquals(All.Where(c => c.Usual).Select(c => c.Name)) ? null : string.Join(',', All.Where(c => names.Contains(c.Name)).Select(c => c.Name));

    /// <summary>As the key is in it now; null where it is in none.</summary>
    public static string? TeamOf(UsageRecord record, IReadOnlyDictionary<string, string> teams) => record.KeyId is { } key ? teams.GetValueOrDefault(key) : null;

    private static string Tokens(UsageRecord record, Show show, IReadOnlyDictionary<string, string> teams) => record.Usage.Source is UsageSource.None or UsageSource.Unknown
        ? Show.Nothing
        : $"{(record.Usage.Source == UsageSource.Estimated ? "≈ " : "")}{show.Count(record.Usage.InputTokens)} / {show.Count(record.Usage.OutputTokens)}";
}
