using Gateway.Core;
using Gateway.Web.Components.Controls;

namespace Gateway.Web.Components.Pages.Settings;

/// <summary>Settings of one subject, each with its name in configuration.</summary>
internal sealed record SettingsGroup(string Title, IReadOnlyList<SettingsGroup.Entry> Entries)
{
    public static IReadOnlyList<SettingsGroup> From(GatewayOptions options) =>
    [
        new("Limits",
        [
            new("Requests per minute", Limit(options.DefaultRpm), "Gateway:RateLimits:DefaultRpm"),
            new("Tokens per minute", Limit(options.DefaultTpm), "Gateway:RateLimits:DefaultTpm"),
            new("Assumed output", $"{Show.Count(options.AssumedOutputTokens)} tokens", "Gateway:Limits:AssumedOutputTokens"),
            new("Largest request", Show.Bytes(options.MaxRequestBodyBytes), "Gateway:Limits:MaxRequestBodyBytes"),
        ]),
        new("Upstreams",
        [
            new("Retries", Show.Count(options.MaxRetries), "Gateway:Upstreams:MaxRetries"),
            new("Backoff", Show.Duration(options.RetryBackoff), "Gateway:Upstreams:RetryBackoff"),
            new("Connect timeout", Show.Duration(options.ConnectTimeout), "Gateway:Upstreams:ConnectTimeout"),
            new("First-byte timeout", Show.Duration(options.FirstByteTimeout), "Gateway:Upstreams:FirstByteTimeout"),
            new("Idle timeout", Show.Duration(options.IdleTimeout), "Gateway:Upstreams:IdleTimeout"),
            new("Total timeout", Show.Duration(options.TotalTimeout), "Gateway:Upstreams:TotalTimeout"),
        ]),
        new("Access",
        [
            new("Authentication", options.AuthDisabled ? "off" : "on", "Gateway:Auth:Disabled"),
            new("Default provider", options.DefaultProvider ?? "none", "OMNI_DEFAULT_PROVIDER"),
            new("Allowed models", options.AllowedModels.Count == 0 ? "all" : string.Join(", ", options.AllowedModels), "ALLOW_MODELS"),
        ]),
    ];

    private static string Limit(int value) => value == 0 ? "unlimited" : Show.Count(value);

    /// <param name="Setting">As it is named in configuration.</param>
    public sealed record Entry(string Label, string Value, string Setting);
}
