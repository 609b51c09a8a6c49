using Gateway.Core.Accounting;

namespace Gateway.Web.Administration.Traffic;

/// <summary>A figure that calls can be compared by.</summary>
/// <param name="Name">As addresses and the admin API spell it.</param>
/// <param name="Unit"><c>count</c>, <c>duration</c> (microseconds), <c>usd</c> or <c>part</c> (of one).</param>
/// <param name="Adds">Whether the figures of groups add up to that of all, so that they can be stacked.</param>
public sealed record UsageMetric(string Name, string Label, string Unit, bool Adds, Func<UsageSums, double?> Of)
{
    internal static readonly UsageSums Nothing = new();

    /// <summary>Whether it is a percentile.</summary>
    public bool NeedsLatency => Unit == "duration" && Name != "overhead";

    /// <summary>Refused calls among them.</summary>
    public static readonly UsageMetric Requests = new("requests", "Requests", "count", true, s => s.Requests + s.Refused);

    public static IReadOnlyList<UsageMetric> All { get; } =
    [
        Requests,
        new("errors", "Failed", "count", true, s => s.Errors),
        new("refused", "Refused", "count", true, s => s.Refused),
        new("error_rate", "Error rate", "part", false, s => s.Requests + s.Refused == 0 ? null : (double)(s.Errors + s.Refused) / (s.Requests + s.Refused)),
        new("cost", "Cost", "usd", true, s => s.Requests > 0 && s.UnknownCost == s.Requests ? null : (double)s.Cost.ToDollars()),
        new("tokens", "Tokens", "count", true, s => s.TotalTokens),
        new("input_tokens", "Tokens in", "count", true, s => s.InputTokens),
        new("cached_tokens", "Tokens in, cached", "count", true, s => s.CachedInputTokens),
        new("output_tokens", "Tokens out", "count", true, s => s.OutputTokens),
        new("reasoning_tokens", "Tokens of reasoning", "count", true, s => s.ReasoningTokens),
        new("cached_share", "Cached share", "part", false, s => s.InputTokens == 0 ? null : (double)s.CachedInputTokens / s.InputTokens),
        new("p50", "Latency p50", "duration", false, s => s.Duration.Percentile(0.50)),
        new("p95", "Latency p95", "duration", false, s => s.Duration.Percentile(0.95)),
        new("p99", "Latency p99", "duration", false, s => s.Duration.Percentile(0.99)),
        new("ttft_p50", "First token p50", "duration", false, s => s.TimeToFirstToken.Percentile(0.50)),
        new("ttft_p95", "First token p95", "duration", false, s => s.TimeToFirstToken.Percentile(0.95)),
        new("overhead", "Overhead, mean", "duration", false, s => s.Requests == 0 ? null : (double)Math.Max(0, s.DurationSumUs - s.UpstreamSumUs) / s.Requests),
    ];

    public static UsageMetric? Find(string? name) => All.FirstOrDefault(m => m.Name == name);
}
