using Gateway.Core.Catalog.Kinds;

namespace Gateway.Core.Health;

/// <summary>How a provider is looked after.</summary>
/// <param name="Path">For <see cref="HealthCheckKind.Path"/>, with its slash.</param>
/// <param name="DailyMost">For <see cref="HealthCheckKind.Completion"/>: how many a day may be paid for.</param>
public sealed record HealthCheckSettings(HealthCheckKind Kind, string? Path = null, int DailyMost = 24)
{
    public static HealthCheckSettings Off { get; } = new(HealthCheckKind.Off);

    /// <summary>Of servers that backends name by their address alone.</summary>
    public static HealthCheckSettings OfAddress { get; } = new(HealthCheckKind.Address);

    /// <summary>This provider's own pause between two checks; null is the one for all. At least a second.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>This provider's own time for one check; null is the one for all.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How many successes in a row bring this provider back; null is the number for all.</summary>
    public int? HealthyThreshold { get; init; }

    /// <summary>How many failures in a row take this provider out; null is the number for all.</summary>
    public int? UnhealthyThreshold { get; init; }

    /// <summary>What a provider's settings say of it.</summary>
    internal static HealthCheckSettings Of(IReadOnlyDictionary<string, string> settings)
    {
        int? Own(string name) => KindSettings.WholeNumber(settings, name);
        TimeSpan? OwnTime(string name) => Own(name) is { } ms ? TimeSpan.FromMilliseconds(ms) : null;
        return settings.TryGetValue(KindSettings.HealthCheck, out string? text) && Parse(text, Own(KindSettings.HealthCheckDailyMost) ?? 24) is { } check
            ? check with
            {
                Interval = OwnTime(KindSettings.HealthCheckInterval),
                Timeout = OwnTime(KindSettings.HealthCheckTimeout),
                HealthyThreshold = Own(KindSettings.HealthyThreshold),
                UnhealthyThreshold = Own(KindSettings.UnhealthyThreshold),
            }
            : Off;
    }

    /// <summary>What holds for this provider: its own where it has it, else what holds for all.</summary>
    public CheckSettings Over(CheckSettings all) => all with
    {
        Interval = Interval ?? all.Interval,
        Timeout = Timeout ?? all.Timeout,
        HealthyThreshold = HealthyThreshold ?? all.HealthyThreshold,
        UnhealthyThreshold = UnhealthyThreshold ?? all.UnhealthyThreshold,
    };

    /// <summary>Whether it is looked after at all.</summary>
    public bool IsOff(CheckSettings all) => Kind == HealthCheckKind.Off || (Kind == HealthCheckKind.Address && all.AddressPath is null);

    /// <summary>Reads <c>off</c>, <c>tcp</c>, <c>models</c>, <c>completion</c> or a path; null for anything else.</summary>
    public static HealthCheckSettings? Parse(string text, int dailyMost = 24) => text switch
    {
        "off" => Off,
        "tcp" => new(HealthCheckKind.Tcp),
        "models" => new(HealthCheckKind.Models),
        "completion" => new(HealthCheckKind.Completion, DailyMost: dailyMost),
        _ when text.StartsWith('/') && !text.StartsWith("//", StringComparison.Ordinal) && text.Length <= 200
            && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '-' or '_' or '.') && !text.Contains("..", StringComparison.Ordinal) =>
            new(HealthCheckKind.Path, text),
        _ => null,
    };
}

/// <summary>What a check calls.</summary>
public enum HealthCheckKind
{
    Off,

    /// <summary>A path of the provider's host, with GET; any answer below 400 is well.</summary>
    Path,

    /// <summary>The list of models.</summary>
    Models,

    /// <summary>A connection, and nothing over it.</summary>
    Tcp,

    /// <summary>A generation of one token, which is paid for.</summary>
    Completion,

    /// <summary>
    /// <see cref="CheckSettings.AddressPath"/> of the server, with GET. Nobody said that it is there: whoever answers is well,
    /// unless with a failure of its own (5xx, but not 501).
    /// </summary>
    Address,
}
