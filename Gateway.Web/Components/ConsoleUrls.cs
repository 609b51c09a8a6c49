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
    public const string PricesPath = "/prices";
    public const string RequestsPath = "/requests";
    public const string LedgerPath = "/ledger";
    public const string HealthPath = "/operations";
    public const string ConnectPath = "/connect";
    public const string OwnKeyPath = "/me";
    public const string PlaygroundPath = "/playground";
    public const string ProtocolLabPath = "/protocol-lab";
    public const string SettingsPath = "/settings";
    public const string ContentPath = "/settings?tab=content";
    public const string RedactionPath = "/settings?tab=redaction";
    public const string AppearancePath = "/settings?tab=appearance";
    public const string AuditPath = "/settings/audit";
    public const string BackupPath = "/settings/backup";
    public const string ConfigurationPath = "/configuration";
    public const string DraftsPath = "/configuration/drafts";
    public const string TransferPath = "/configuration/transfer";
    public const string SignInRulesPath = "/settings/sign-in";
    public const string ExplorePath = "/explore";
    public const string RunningPath = "/running";
    public const string NotFoundPath = "/not-found";

    /// <summary>Stands for the id of an entry that does not exist yet.</summary>
    public const string New = "new";

    /// <summary>The models, and this one's form over them.</summary>
    public static string Model(string id) => With(ModelsPath, [("edit", id)]);

    public static string Route(string id) => $"{RoutesPath}/{Uri.EscapeDataString(id)}";

    public static string Budget(string id) => $"{BudgetsPath}/{Uri.EscapeDataString(id)}";

    public static string Draft(string id) => $"{DraftsPath}/{Uri.EscapeDataString(id)}";

    /// <param name="against">The version that it is compared with; null for the one before.</param>
    public static string Version(long version, string? against = null) =>
        With(ConfigurationPath, [("version", version.ToString(System.Globalization.CultureInfo.InvariantCulture)), ("against", against)]);

    public static string Overview(RequestFilter filter) => With(OverviewPath, filter.ToQuery());

    public static string Playground(string? model = null) => With(PlaygroundPath, [("model", model)]);

    /// <param name="wire">The name of the protocol; null for the usual one.</param>
    /// <param name="conversation">The id of one that is kept; null for a new one.</param>
    public static string Playground(IReadOnlyList<string> models, string? wire, string? conversation) =>
        With(PlaygroundPath, [.. models.Select(m => ("model", (string?)m)), ("wire", wire), ("conversation", conversation)]);

    public static string ProtocolLab(string? from = null, string? kind = null, string? sample = null) =>
        With(ProtocolLabPath, [("from", from), ("kind", kind), ("sample", sample)]);

    public static string Connect(string? client = null, string? model = null) => With(ConnectPath, [("client", client), ("model", model)]);

    /// <param name="tab"><c>slo</c>, <c>backends</c>, <c>alerts</c> or <c>incidents</c>.</param>
    public static string Health(string tab, TimeRange? range = null) => With(HealthPath, [("tab", tab), .. range?.ToQuery() ?? []]);

    public static string Requests(RequestFilter filter) => With(RequestsPath, filter.ToQuery());

    /// <param name="metric">A name of <c>UsageMetric</c>.</param>
    public static string Explore(RequestFilter filter, string? metric = null, string? by = null) =>
        With(ExplorePath, filter.ToQuery().Concat([("metric", metric), ("by", by)]));

    /// <summary>The admin API's stream of all that a filter shows.</summary>
    /// <param name="format"><c>csv</c> or <c>ndjson</c>.</param>
    public static string Export(RequestFilter filter, string format) => With("/admin/v1/requests/export",
        [("format", format), ("from", filter.Range?.From.ToString("O")), ("to", filter.Range is { Preset: null } range ? range.To.ToString("O") : null), ("q", filter.Text.ToString())]);

    /// <param name="find">Words in names and aliases; null for all.</param>
    public static string Models(string? find) => With(ModelsPath, [("find", find)]);

    /// <param name="team">A team's id; null for the keys of all.</param>
    /// <param name="find">Words in name, owner or prefix; null for all.</param>
    /// <param name="page">From 1, which an address does not name.</param>
    public static string Keys(string? team, string? find = null, int page = 1) =>
        With(KeysPath, [("team", team), ("find", find), ("page", page > 1 ? page.ToString(System.Globalization.CultureInfo.InvariantCulture) : null)]);

    /// <param name="after">The id of the last entry of the page before; null for the newest.</param>
    public static string Audit(string? actor = null, string? action = null, string? entity = null, string? after = null) =>
        With(AuditPath, [("actor", actor), ("action", action), ("entity_id", entity), ("after", after)]);

    /// <param name="show"><c>own</c>, <c>all</c> or <c>unknown</c>; null for those in force.</param>
    /// <param name="find">Words in model or provider; null for all.</param>
    public static string Prices(string? show = null, string? find = null) => With(PricesPath, [("show", show), ("find", find)]);

    /// <summary>The playground, ready to ask again what was said in a captured call.</summary>
    public static string Replay(Guid id) => With(PlaygroundPath, [("request", id.ToString("D"))]);

    /// <summary>A permanent address of one request's details.</summary>
    public static string Request(Guid id) => $"{RequestsPath}?id={id:D}";

    /// <summary>The path with those parameters that have a value.</summary>
    public static string With(string path, IEnumerable<(string Name, string? Value)> query) =>
        QueryHelpers.AddQueryString(path, query.Where(q => !string.IsNullOrEmpty(q.Value)).Select(q => KeyValuePair.Create(q.Name, q.Value)));
}
