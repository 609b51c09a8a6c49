using System.Globalization;
using Gateway.Core.Catalog;
using Gateway.Core.Catalog.Kinds;

namespace Gateway.Web.Administration;

/// <summary>Which settings a provider of each kind has. Timeouts stand among them, as whole milliseconds.</summary>
internal static class ProviderSettings
{
    private const string ConnectTimeout = "connect_timeout_ms";
    private const string FirstByteTimeout = "first_byte_timeout_ms";
    private const string IdleTimeout = "idle_timeout_ms";
    private const string TotalTimeout = "timeout_ms";

    /// <summary>The names that every kind has.</summary>
    public static IReadOnlyList<string> Timeouts { get; } = [ConnectTimeout, FirstByteTimeout, IdleTimeout, TotalTimeout];

    /// <summary>The names that one kind has beside <see cref="Timeouts"/>.</summary>
    public static IReadOnlyList<string> For(ProviderKind kind) => [.. KindSettings.For(kind).Select(s => s.Name)];

    /// <summary>Splits settings into timeouts and the rest, and notes every name or value that does not fit.</summary>
    public static (Dictionary<string, string> Others, TimeoutSettings Timeouts) Split(
        IReadOnlyDictionary<string, string> all, ProviderKind kind, Action<string, string> error)
    {
        var others = new Dictionary<string, string>(StringComparer.Ordinal);
        TimeoutSettings timeouts = new();
        foreach ((string name, string value) in all)
        {
            switch (name)
            {
                case ConnectTimeout: timeouts = timeouts with { Connect = Time(name, value, error) }; break;
                case FirstByteTimeout: timeouts = timeouts with { FirstByte = Time(name, value, error) }; break;
                case IdleTimeout: timeouts = timeouts with { Idle = Time(name, value, error) }; break;
                case TotalTimeout: timeouts = timeouts with { Total = Time(name, value, error) }; break;
                case var _ when For(kind).Contains(name): others[name] = value; break;
                default:
                    error($"settings.{name}", $"A provider of kind {kind.ToName()} has no such setting. It has: {string.Join(", ", For(kind).Concat(Timeouts))}.");
                    break;
            }
        }
        return (others, timeouts);
    }

    /// <summary>The reverse of <see cref="Split"/>.</summary>
    public static IReadOnlyDictionary<string, string> Join(ProviderDefinition provider)
    {
        var all = new Dictionary<string, string>(provider.Settings, StringComparer.Ordinal);
        void Add(string name, TimeSpan? time)
        {
            if (time is { } value)
            {
                all[name] = ((long)value.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
            }
        }
        Add(ConnectTimeout, provider.Timeouts.Connect);
        Add(FirstByteTimeout, provider.Timeouts.FirstByte);
        Add(IdleTimeout, provider.Timeouts.Idle);
        Add(TotalTimeout, provider.Timeouts.Total);
        return all;
    }

    private static TimeSpan? Time(string name, string value, Action<string, string> error)
    {
        if (long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long ms) && ms is > 0 and <= 86_400_000)
        {
            return TimeSpan.FromMilliseconds(ms);
        }
        error($"settings.{name}", "A timeout is 1 to 86400000 milliseconds.");
        return null;
    }
}
