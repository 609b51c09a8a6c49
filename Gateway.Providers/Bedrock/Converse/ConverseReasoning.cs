using System.Text.Json;
using Gateway.Core.Generation;

namespace Gateway.Providers.Bedrock.Converse;

/// <summary>
/// Thinking, which Converse leaves to each model's own fields in <c>additionalModelRequestFields</c>: Claude's <c>thinking</c> and
/// <c>output_config</c>, Nova's <c>reasoningConfig</c>, <c>reasoning_effort</c> or <c>reasoning_config</c> elsewhere.
/// </summary>
internal static class ConverseReasoning
{
    /// <summary>Anthropic's least.</summary>
    public const int LeastBudget = 1024;

    public static ReasoningSettings? Read(JsonElement fields)
    {
        if (fields.Has("thinking", out JsonElement thinking))
        {
            fields.Has("output_config", out JsonElement output);
            string? type = thinking.Text("type");
            return new ReasoningSettings
            {
                Enabled = type != "disabled",
                BudgetTokens = type == "adaptive" ? -1 : thinking.Whole32("budget_tokens"),
                Effort = ReasoningEfforts.Parse(output.Text("effort")),
                IncludeThoughts = thinking.Text("display") is { } display ? display != "omitted" : null,
            };
        }
        string? effort = fields.Text("reasoning_effort") ?? fields.Text("reasoning_config")
            ?? (fields.Has("reasoningConfig", out JsonElement config) && config.Text("type") != "disabled" ? config.Text("maxReasoningEffort") : null);
        return effort is null ? null : new ReasoningSettings { Effort = ReasoningEfforts.Parse(effort) };
    }

    /// <summary>The tokens to think with at a Claude model that is to think; null where it is not, or is no Claude.</summary>
    public static int? ClaudeBudget(GenerationRequest request) =>
        !IsClaude(request.Model) || request.Reasoning is not { Enabled: not false } reasoning || reasoning.Effort == ReasoningEffort.None ? null
        : Math.Max(LeastBudget, reasoning.BudgetTokens is > 0 and var budget ? budget : (reasoning.Effort ?? ReasoningEffort.Medium).ToBudget());

    public static bool IsClaude(string model) => model.Contains("claude", StringComparison.OrdinalIgnoreCase);

    public static bool IsNova(string model) => model.Contains("nova-2", StringComparison.OrdinalIgnoreCase);

    /// <summary>Models that are known to take <c>reasoning_effort</c>.</summary>
    public static bool TakesEffort(string model) => model.Contains("gpt-oss", StringComparison.OrdinalIgnoreCase);
}
