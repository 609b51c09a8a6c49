using System.Globalization;
using Gateway.Core.Catalog;

namespace Gateway.Providers.Simulated;

/// <summary>How a simulated provider behaves: its settings, with defaults that feel like a quick hosted model.</summary>
/// <param name="Latency">Setting <c>latency_ms</c>: time to the first token. Default 120 ms.</param>
/// <param name="TokensPerSecond">Setting <c>tokens_per_second</c>; 0 is without pauses. Default 80.</param>
/// <param name="FailureStatus">Setting <c>failure_status</c>: what every call is answered with; null, where it is not set, fails those for models whose name holds "failing" alone, with 500.</param>
/// <param name="OutputTokens">Setting <c>output_tokens</c>: length of an answer, in words; 0 is that of the built-in text. Default 0.</param>
internal sealed record SimulatedSettings(TimeSpan Latency, double TokensPerSecond, int? FailureStatus, int OutputTokens)
{
    public static SimulatedSettings Of(Provider provider) => new(
        TimeSpan.FromMilliseconds(Number(provider, "latency_ms", 120, 600_000)),
        Number(provider, "tokens_per_second", 80, 1_000_000),
        Number(provider, "failure_status", 0, 599) is var status and > 0 ? (int)Math.Max(400, status) : null,
        (int)Number(provider, "output_tokens", 0, 100_000));

    public TimeSpan TokenPause => TokensPerSecond <= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(1 / TokensPerSecond);

    private static double Number(Provider provider, string name, double otherwise, double most) =>
        provider.Settings.TryGetValue(name, out string? text)
        && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= 0 ? Math.Min(value, most) : otherwise;
}
