using System.Globalization;
using System.Text.RegularExpressions;

namespace Gateway.Core.Catalog.Kinds;

/// <summary>The only list of the settings that each kind of provider has, beside the timeouts that all have.</summary>
public static partial class KindSettings
{
    private static readonly KindSetting IncludeUsage = new(
        "include_usage", "Ask for usage", "false for servers that refuse stream_options; true by default.", Flag);
    private static readonly KindSetting ChatPath = new(
        "chat_path", "Chat path", "Path of chat completions below the base URL; chat/completions by default.", Text(200));
    private static readonly KindSetting ServedWires = new(
        "wires", "Wires", "What the server speaks, the one to translate into first: chat, responses, messages.", WireList);

    private static readonly KindSetting Prefill = new(
        "prefill", "Prefill", "How it is asked to go on with an answer that was begun, where a route recovers streams: last_message, prefix, continue_final_message; none where it cannot be.",
        value => value is "none" or "last_message" or "prefix" or "continue_final_message" ? null : "It is one of none, last_message, prefix, continue_final_message.");

    private static readonly KindSetting[] OpenAI =
    [
        ServedWires with { Hint = "What it speaks, the one to translate into first; chat,responses by default." },
        new("organization", "Organization", "Sent as OpenAI-Organization.", Text(200)),
        new("project", "Project", "Sent as OpenAI-Project.", Text(200)),
        ChatPath,
        IncludeUsage,
    ];

    private static readonly KindSetting[] Compatible =
    [
        new("profile", "Profile", $"Whose manners it has: {string.Join(", ", Quirks.Profiles.Names)}. Recognised by its host when empty; none for no manners at all.", Profile),
        ServedWires with { Hint = "What it speaks, the one to translate into first: chat (the default), responses, messages." },
        ChatPath,
        IncludeUsage,
        Prefill,
    ];

    private static readonly KindSetting[] Azure =
    [
        new("api_version", "API version", "For example 2024-10-21, the default; not used where the base URL ends in /v1.", Matching(Word(), "An API version has letters, digits, dots and dashes only.")),
        new("tenant_id", "Entra tenant", "With it the secret is that of an app registration, not an API key.", Matching(Word(), "A tenant is a GUID or a domain name.")),
        new("client_id", "Entra client", "Id of the app registration.", Matching(Word(), "A client id is a GUID.")),
        new("authority", "Entra authority", "https://login.microsoftonline.com by default; another for sovereign clouds.", TokenUrl),
        new("scope", "Entra scope", "https://cognitiveservices.azure.com/.default by default.", Text(300)),
        ServedWires with { Hint = "What the deployments speak, the one to translate into first; chat,responses by default." },
    ];

    private static readonly KindSetting[] Anthropic =
    [
        new("anthropic_version", "API version", "Sent where the client sends none; 2023-06-01 by default.", Matching(Word(), "A version is a date such as 2023-06-01.")),
        new("anthropic_beta", "Beta features", "Sent as anthropic-beta with every call, comma-separated.", Text(500)),
        Prefill,
    ];

    private static readonly KindSetting[] Vertex =
    [
        new("project", "Project", "Id of the Google Cloud project.", Matching(Word(), "A project id has letters, digits, dots, colons and dashes only.")) { Required = true },
        new("location", "Location", "For example us-central1, or global.", Matching(Place(), "A location has small letters, digits and dashes only, for example us-central1.")) { Required = true },
        new("credentials_file", "Credentials file", "Path of a Google credentials file on the gateway's machine, where no credential is stored here.", Text(500)),
    ];

    private static readonly KindSetting[] Bedrock =
    [
        new("region", "Region", "For example us-east-1.", Matching(Place(), "A region has small letters, digits and dashes only, for example us-east-1.")) { Required = true },
        new("access_key_id", "Access key id", "Where the credential is a secret access key alone. Leave empty for a Bedrock API key, or for credentials of the form id:secret[:session token].",
            Matching(AccessKey(), "An access key id is 16 to 128 capital letters and digits.")),
        Prefill,
    ];

    private static readonly KindSetting[] Simulated =
    [
        new("latency_ms", "Latency, ms", "Before the first token.", Number),
        new("tokens_per_second", "Tokens a second", "0 is all at once.", Number),
        new("output_tokens", "Output tokens", "Length of an answer.", Number),
        new("failure_status", "Failure status", "Every call fails with it, for example 429 or 500; empty answers.", Number),
    ];

    /// <summary>Most calls at a time.</summary>
    public const string MaxConcurrency = "max_concurrency";

    /// <summary>How it is looked after.</summary>
    public const string HealthCheck = "health_check";
    public const string HealthCheckDailyMost = "health_check_daily_most";
    public const string HealthCheckInterval = "health_check_interval_ms";
    public const string HealthCheckTimeout = "health_check_timeout_ms";
    public const string HealthyThreshold = "health_check_healthy_threshold";
    public const string UnhealthyThreshold = "health_check_unhealthy_threshold";

    /// <summary>How long to wait for a model that is being loaded.</summary>
    public const string WarmupWait = "warmup_wait_ms";

    /// <summary>What every kind has; none of it concerns a connection.</summary>
    private static readonly KindSetting[] Common =
    [
        new(MaxConcurrency, "Calls at a time", "Most calls to this provider at a time; empty is any number.", WholeNumber(1_000_000)),
        new(HealthCheck, "Health check", "off (the default), tcp, models, completion (paid for), or a path such as /health.",
            value => Health.HealthCheckSettings.Parse(value) is null ? "It is off, tcp, models, completion, or a path that starts with /." : null),
        new(HealthCheckDailyMost, "Paid checks a day", "Most completions a day that a health check may pay for; 24 by default.", WholeNumber(10_000)),
        new(HealthCheckInterval, "Pause between checks, ms", "At least 1000; empty is what holds for all providers.", WholeNumber(86_400_000, least: 1_000)),
        new(HealthCheckTimeout, "Time for a check, ms", "Empty is what holds for all providers.", WholeNumber(600_000)),
        new(HealthyThreshold, "Successes to come back", "In a row; empty is what holds for all providers.", WholeNumber(1_000)),
        new(UnhealthyThreshold, "Failures to be taken out", "In a row; empty is what holds for all providers.", WholeNumber(1_000)),
        new(WarmupWait, "Wait for loading, ms", "How long to wait while it answers 503 because it loads the model; empty not at all.", WholeNumber(600_000)),
    ];

    /// <summary>A setting that is a whole number above 0; null where there is none. What is wrong with a value is said when the catalog is checked.</summary>
    internal static int? WholeNumber(IReadOnlyDictionary<string, string> settings, string name) =>
        settings.TryGetValue(name, out string? text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value > 0 ? value : null;

    public static bool IsCommon(string name) => Common.Any(s => s.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>In the order in which the console shows them.</summary>
    public static IReadOnlyList<KindSetting> For(ProviderKind kind) => [.. OfKind(kind), .. Common];

    private static KindSetting[] OfKind(ProviderKind kind) => kind switch
    {
        ProviderKind.OpenAI => OpenAI,
        ProviderKind.OpenAICompatible => Compatible,
        ProviderKind.AzureOpenAI => Azure,
        ProviderKind.Anthropic => Anthropic,
        ProviderKind.Vertex => Vertex,
        ProviderKind.Bedrock => Bedrock,
        ProviderKind.Simulated => Simulated,
        _ => [],
    };

    /// <summary>Notes everything that is wrong with a provider's settings.</summary>
    /// <param name="error">Takes the setting's name and the message.</param>
    public static void Check(ProviderKind kind, IReadOnlyDictionary<string, string> settings, Action<string, string> error)
    {
        IReadOnlyList<KindSetting> known = For(kind);
        foreach ((string name, string value) in settings)
        {
            if (known.FirstOrDefault(s => s.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is not { } setting)
            {
                error(name, $"A provider of kind {kind.ToName()} has no such setting. It has: {string.Join(", ", known.Select(s => s.Name))}.");
            }
            else if (setting.Problem(value) is { } problem)
            {
                error(name, problem);
            }
        }
        foreach (KindSetting setting in known.Where(s => s.Required && !settings.Keys.Contains(s.Name, StringComparer.OrdinalIgnoreCase)))
        {
            error(setting.Name, $"A provider of kind {kind.ToName()} needs it. {setting.Hint}");
        }
        bool hasTenant = settings.Keys.Contains("tenant_id", StringComparer.OrdinalIgnoreCase);
        if (kind == ProviderKind.AzureOpenAI && hasTenant != settings.Keys.Contains("client_id", StringComparer.OrdinalIgnoreCase))
        {
            error(hasTenant ? "client_id" : "tenant_id", "Entra ID needs both tenant_id and client_id; leave out both to use an API key.");
        }
    }

    /// <summary>Whether the text can be a location or region, and so a part of a host name.</summary>
    internal static bool IsPlace(string text) => Place().IsMatch(text);

    private static string? Flag(string value) => value is "true" or "false" ? null : "It is true or false.";

    private static string? Number(string value) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number >= 0 ? null : "It is a number of 0 or more.";

    private static Func<string, string?> WholeNumber(int most, int least = 1) => value =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most ? null : $"It is a whole number from {least} to {most}.";

    private static string? Profile(string value) =>
        Quirks.Profiles.Find(value) is null ? $"A profile is one of {string.Join(", ", Quirks.Profiles.Names)}." : null;

    private static string? WireList(string value) =>
        ServedOperations.ParseWires(value) is null ? "It is a list of chat, responses and messages, comma-separated, each at most once." : null;

    private static string? TokenUrl(string value) =>
        UpstreamAddress.IsTokenUrl(value) ? null : "It is an https:// URL without user name, query and fragment.";

    private static Func<string, string?> Text(int longest) => value =>
        value.Length is 0 || value.Length > longest || value.Any(c => c is < ' ' or > '~') ? $"It is 1 to {longest} printable ASCII characters." : null;

    private static Func<string, string?> Matching(Regex pattern, string otherwise) => value => pattern.IsMatch(value) ? null : otherwise;

    [GeneratedRegex(@"^[A-Za-z0-9._:\-]{1,200}$")]
    private static partial Regex Word();

    [GeneratedRegex(@"^[a-z0-9\-]{1,60}$")]
    private static partial Regex Place();

    [GeneratedRegex(@"^[A-Z0-9]{16,128}$")]
    private static partial Regex AccessKey();
}
