using System.Globalization;

namespace Gateway.Web.Components;

/// <summary>The span of time a page shows: a preset that ends now, or two fixed instants. Lives in the address.</summary>
public sealed record TimeRange
{
    /// <summary>Preset names, in the order of the picker.</summary>
    public static readonly IReadOnlyList<(string Name, string Label, TimeSpan Length)> Presets =
    [
        ("15m", "15 min", TimeSpan.FromMinutes(15)),
        ("1h", "1 h", TimeSpan.FromHours(1)),
        ("6h", "6 h", TimeSpan.FromHours(6)),
        ("24h", "24 h", TimeSpan.FromHours(24)),
        ("7d", "7 d", TimeSpan.FromDays(7)),
        ("30d", "30 d", TimeSpan.FromDays(30)),
        ("90d", "90 d", TimeSpan.FromDays(90)),
    ];

    public const string Default = "1h";

    private static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    /// <summary>Null for a custom range.</summary>
    public string? Preset { get; private init; }
    public DateTimeOffset From { get; private init; }

    /// <summary>Exclusive.</summary>
    public DateTimeOffset To { get; private init; }
    public TimeSpan Length => To - From;

    /// <summary>Shows the span before beside this one.</summary>
    public bool Compare { get; init; }

    /// <summary>The span of the same length just before.</summary>
    public TimeRange Previous => this with { Preset = null, From = From - Length, To = From };

    /// <summary>Reads the address's parameters; whatever does not make sense falls back to the default preset.</summary>
    public static TimeRange Parse(string? preset, string? from, string? to, DateTimeOffset now)
    {
        if (TryParse(from, out DateTimeOffset start) && TryParse(to, out DateTimeOffset end) && start < end && end - start <= Longest)
        {
            return new TimeRange { From = start, To = end };
        }
        (string name, _, TimeSpan length) = Presets.FirstOrDefault(p => p.Name == preset, Presets.First(p => p.Name == Default));
        return new TimeRange { Preset = name, From = now - length, To = now };
    }

    /// <summary>Why the two instants are no range, for whoever entered them; null when they are.</summary>
    public static string? ProblemOf(DateTimeOffset a, DateTimeOffset b) =>
        a == b ? "From and to are the same: choose two times."
        : (a - b).Duration() > Longest ? $"A range is at most {Longest.TotalDays:0} days; this is {Math.Ceiling((a - b).Duration().TotalDays):0}. Choose a later start or an earlier end."
        : null;

    /// <summary>A custom range; the two are put in order.</summary>
    public static TimeRange Between(DateTimeOffset a, DateTimeOffset b) => a <= b
        ? new TimeRange { From = a, To = b }
        : new TimeRange { From = b, To = a };

    /// <summary>The address's parameters; the default preset needs none.</summary>
    /// <param name="always">Names the default preset too, where no range means something else.</param>
    public IEnumerable<(string Name, string? Value)> ToQuery(bool always = false) => Preset is not null
        ? [("range", Preset == Default && !always ? null : Preset), ("compare", Compare ? "previous" : null)]
        : [("from", Text(From)), ("to", Text(To)), ("compare", Compare ? "previous" : null)];

    private static string Text(DateTimeOffset at) => at.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static bool TryParse(string? text, out DateTimeOffset at) => DateTimeOffset.TryParse(
        text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out at);
}
