using Microsoft.AspNetCore.WebUtilities;

namespace Gateway.Web.Components;

/// <summary>Every address of the console; pages and links take theirs from here, so that they cannot drift apart.</summary>
public static class ConsoleUrls
{
    public const string OverviewPath = "/";
    public const string ModelsPath = "/models";
    public const string ProvidersPath = "/providers";
    public const string RoutesPath = "/routes";
    public const string KeysPath = "/keys";
    public const string TeamsPath = "/teams";
    public const string BudgetsPath = "/budgets";
    public const string RequestsPath = "/requests";
    public const string LedgerPath = "/ledger";
    public const string HealthPath = "/operations";
    public const string ConnectPath = "/connect";
    public const string OwnKeyPath = "/me";
    public const string PlaygroundPath = "/playground";
    public const string SettingsPath = "/settings";
    public const string AuditPath = "/settings/audit";

    /// <summary>Stands for the id of an entry that does not exist yet.</summary>
    public const string New = "new";

    public static string Route(string id) => $"{RoutesPath}/{Uri.EscapeDataString(id)}";

    public static string Overview(TimeRange range) => With(OverviewPath, range.ToQuery());

    public static string Playground(string? model = null) => With(PlaygroundPath, [("model", model)]);

    public static string Connect(string? client = null, string? model = null) => With(ConnectPath, [("client", client), ("model", model)]);

    /// <param name="tab"><c>slo</c>, <c>backends</c>, <c>alerts</c> or <c>incidents</c>.</param>
    public static string Health(string tab, TimeRange? range = null) => With(HealthPath, [("tab", tab), .. range?.ToQuery() ?? []]);

    public static string Requests(RequestFilter filter) => With(RequestsPath, filter.ToQuery());

    /// <param name="team">A team's id; null for the keys of all.</param>
    /// <param name="find">Words in name, owner or prefix; null for all.</param>
    public static string Keys(string? team, string? find = null) => With(KeysPath, [("team", team), ("find", find)]);

    /// <summary>A permanent address of one request's details.</summary>
    public static string Request(Guid id) => $"{RequestsPath}?id={id:D}";

    /// <summary>The path with those parameters that have a value.</summary>
    public static string With(string path, IEnumerable<(string Name, string? Value)> query) =>
        QueryHelpers.AddQueryString(path, query.Where(q => !string.IsNullOrEmpty(q.Value)).Select(q => KeyValuePair.Create(q.Name, q.Value)));
}
