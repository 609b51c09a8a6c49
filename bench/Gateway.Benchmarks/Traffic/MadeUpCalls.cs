using Gateway.Core.Accounting;
using Gateway.Core.Catalog;

namespace Gateway.Benchmarks.Traffic;

/// <summary>
/// Calls as a busy gateway has them: a few keys and models have most of them, days have their hours, one in thirty fails, one
/// in fifty is refused. The same every time.
/// </summary>
internal sealed class MadeUpCalls(int total, DateTimeOffset from, TimeSpan span)
{
    private static readonly (string Name, string Provider, long Input, long Output)[] Models =
    [
        ("gpt-4o-mini", "openai", 150, 600), ("gpt-4o", "openai", 2500, 10000), ("claude-sonnet", "anthropic", 3000, 15000),
        ("gemini-flash", "gemini", 100, 400), ("text-embedding-3-small", "openai", 20, 0), ("claude-haiku", "anthropic", 800, 4000),
        ("gemini-pro", "gemini", 1250, 5000), ("o3-mini", "azure", 1100, 4400), ("mistral-large", "mistral", 2000, 6000), ("llama-70b", "local", 0, 0),
    ];

    private static readonly (int Status, string Kind)[] Failures =
    [
        (504, "upstream_timeout"), (502, "upstream_server_error"), (503, "upstream_overloaded"), (429, "upstream_rate_limited"), (499, "client_closed"),
    ];

    private const int Keys = 40;

    private readonly Random _random = new(1);
    private int _made;

    /// <summary>The next ones, in order of time.</summary>
    public IEnumerable<UsageRecord> Take(int count)
    {
        for (int i = 0; i < count; i++)
        {
            yield return Next();
        }
    }

    private UsageRecord Next()
    {
        DateTimeOffset at = from + (span * ((_made + _random.NextDouble()) / total));
        _made++;
        int key = Skewed(Keys);
        (string model, string provider, long inputPrice, long outputPrice) = Models[Skewed(Models.Length)];
        bool refused = _random.Next(50) == 0;
        (int Status, string Kind)? failure = refused ? (429, "rate_limited") : _random.Next(30) == 0 ? Failures[Skewed(Failures.Length)] : null;
        bool streamed = _random.Next(3) > 0;
        long input = _random.Next(20, 4000);
        long output = failure is null && outputPrice > 0 ? _random.Next(5, 900) : 0;
        long first = (long)(150_000 * Math.Exp(_random.NextDouble() * 2.5));
        long duration = refused ? 200 : first + (output * _random.Next(4_000, 15_000));
        long cost = refused ? 0 : (input * inputPrice) + (output * outputPrice);
        string backend = $"{provider}-{model}";
        return new UsageRecord
        {
            Id = Guid.CreateVersion7(at),
            RequestId = Guid.CreateVersion7(at).ToString("N"),
            StartedAt = at,
            Operation = Operation.ChatCompletions,
            Path = "/v1/chat/completions",
            KeyId = $"key-{key:D2}",
            KeyPrefix = $"ml-{key:D4}",
            KeyName = $"service-{key:D2}",
            RequestedModel = model,
            Model = model,
            Route = _random.Next(4) == 0 ? "careful" : null,
            Provider = refused ? null : provider,
            BackendId = refused ? null : backend,
            UpstreamModel = refused ? null : model,
            Status = failure?.Status ?? 200,
            Streamed = streamed,
            Admitted = !refused,
            ErrorKind = failure?.Kind,
            ErrorMessage = failure is null ? null : "The upstream did not answer in time.",
            FinishReason = failure is null ? "stop" : null,
            Usage = refused ? default : new Usage(UsageSource.Reported, input, input * _random.Next(0, 6) / 10, 0, output, 0),
            Cost = refused ? null : new NanoUsd(cost),
            PriceVersion = refused ? null : "builtin",
            DurationUs = duration,
            TimeToFirstTokenUs = failure is null && streamed ? first : null,
            UpstreamUs = Math.Max(0, duration - _random.Next(200, 2_000)),
            RequestBytes = input * 4,
            ResponseBytes = output * 5,
            Attempts = refused ? [] : [new AttemptRecord(provider, backend, model, "main", 300, first - 300, duration - 300, failure?.Status ?? 200, failure?.Kind)],
        };
    }

    // Each half as likely as the one before it, roughly.
    private int Skewed(int count) => (int)(count * Math.Pow(_random.NextDouble(), 3));
}
