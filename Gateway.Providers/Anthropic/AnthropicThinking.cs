using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;

namespace Gateway.Providers.Anthropic;

/// <summary>Reads <c>thinking</c> and <c>output_config</c>.</summary>
internal static class AnthropicThinking
{
    /// <summary>What is left of <c>output_config</c> is an extension of this prefix.</summary>
    public const string ConfigPrefix = "output_config.";

    public static ReasoningSettings? Read(JsonElement json, List<VendorExtension> extensions)
    {
        bool hasConfig = json.Has("output_config", out JsonElement config);
        string? effort = hasConfig ? ReadConfig(config, extensions) : null;
        json.Has("thinking", out JsonElement thinking);
        string? type = thinking.Text("type");
        if (type is not (null or "enabled" or "adaptive" or "disabled"))
        {
            extensions.Add(new VendorExtension(Wire.AnthropicMessages, "thinking", thinking) { TunesOnly = true });
            type = null;
        }
        if (type is null && effort is null)
        {
            return null;
        }
        return new ReasoningSettings
        {
            Enabled = type is null ? null : type != "disabled",
            BudgetTokens = type switch { "enabled" => thinking.Whole32("budget_tokens"), "adaptive" => -1, _ => null },
            Effort = effort == "max" ? ReasoningEffort.XHigh : ReasoningEfforts.Parse(effort),
            IncludeThoughts = thinking.Text("display") is { } display ? display != "omitted" : null,
        };
    }

    /// <summary>The effort; everything else but the format becomes an extension.</summary>
    private static string? ReadConfig(JsonElement config, List<VendorExtension> extensions)
    {
        if (config.ValueKind != JsonValueKind.Object)
        {
            return null;
        }
        string? effort = config.Text("effort");
        foreach (JsonProperty property in config.EnumerateObject())
        {
            // "max" is above every other vendor's highest.
            bool said = property.Name == "format" || (property.Name == "effort" && ReasoningEfforts.Parse(effort) is not null);
            if (!said && property.Value.ValueKind != JsonValueKind.Null)
            {
                extensions.Add(new VendorExtension(Wire.AnthropicMessages, ConfigPrefix + property.Name, property.Value) { TunesOnly = true });
            }
        }
        return effort;
    }
}
