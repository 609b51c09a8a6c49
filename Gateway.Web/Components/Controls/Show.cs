using System.Globalization;
using Gateway.Core.Catalog;
using Gateway.Web.Administration.Appearances;

namespace Gateway.Web.Components.Controls;

/// <summary>
/// How figures and times read to whoever sits before this circuit; every component has it as <c>Show</c> (_Imports.razor). Until
/// it is told otherwise: UTC and 1,234.5. What is not known is a dash or says so; it is never shown as zero.
/// </summary>
/// <remarks>For people only. Addresses, attributes that a program reads and exports take the invariant culture and UTC.</remarks>
public sealed class Show
{
    public const string Nothing = "–";

    private const string Seconds = "yyyy-MM-dd HH:mm:ss";
    private const string Minutes = "yyyy-MM-dd HH:mm";
    private const string Date = "yyyy-MM-dd";

    // Dates and times are written the same whatever is chosen.
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    private bool _ages = true;

    /// <summary>The zone of all times but those that name their own.</summary>
    public TimeZoneInfo Zone { get; private set; } = TimeZoneInfo.Utc;

    /// <summary>As in <c>Europe/Berlin</c>; for a heading over times that stand without it.</summary>
    public string ZoneName => NameOf(Zone);

    /// <summary>The separators, for what formats in the browser.</summary>
    public NumberFormatInfo Numbers { get; private set; } = NumberFormatInfo.InvariantInfo;

    /// <summary>Follows a person's choice from now on; what is on screen already is not drawn again.</summary>
    /// <param name="browser">The zone of the browser that is used.</param>
    internal void Follow(Appearance appearance, TimeZoneInfo browser)
    {
        Zone = appearance.Zone is null ? browser : Zones.Find(appearance.Zone) ?? browser;
        Numbers = Separators.Of(appearance.Figures);
        _ages = appearance.Ages;
    }

    public string Count(long? value) => value?.ToString("N0", Numbers) ?? Nothing;

    /// <summary>A figure that is no count, by a custom format such as <c>0.###</c>.</summary>
    public string Number(double? value, string format) => value?.ToString(format, Numbers) ?? Nothing;

    /// <summary>Short, for tight places: 1,234 → 1.23k.</summary>
    public string Compact(long? value) => value switch
    {
        null => Nothing,
        >= 1_000_000_000 => (value.Value / 1e9).ToString("0.##", Numbers) + "B",
        >= 1_000_000 => (value.Value / 1e6).ToString("0.##", Numbers) + "M",
        >= 10_000 => (value.Value / 1e3).ToString("0.#", Numbers) + "k",
        _ => value.Value.ToString("N0", Numbers),
    };

    /// <summary>From microseconds.</summary>
    public string Duration(long? microseconds) => microseconds switch
    {
        null => Nothing,
        < 1_000 => $"{microseconds} µs",
        < 10_000 => (microseconds.Value / 1e3).ToString("0.#", Numbers) + " ms",
        < 1_000_000 => (microseconds.Value / 1e3).ToString("0", Numbers) + " ms",
        < 60_000_000 => (microseconds.Value / 1e6).ToString("0.##", Numbers) + " s",
        _ => (microseconds.Value / 6e7).ToString("#,0.#", Numbers) + " min",
    };

    public string Duration(TimeSpan? value) => value is null ? Nothing : Duration((long)(value.Value.TotalMilliseconds * 1000));

    public string Money(NanoUsd? cost)
    {
        if (cost is not { } known)
        {
            return "unknown";
        }
        if (known.Value < 0)
        {
            return "−" + Money(new NanoUsd(-known.Value));
        }
        decimal dollars = known.ToDollars();
        return dollars < 0 ? "−" + Money(new NanoUsd(-known.Value)) : dollars switch
        {
            0 => "$0",
            >= 1000 => dollars.ToString("$#,0", Numbers),
            >= 1 => dollars.ToString("$0.00", Numbers),
            >= 0.01m => dollars.ToString("$0.000", Numbers),
            // Three digits that count.
            _ => "$" + decimal.Round(dollars, Math.Min(9, 2 - (int)Math.Floor(Math.Log10((double)Math.Abs(dollars))))).ToString("0.#########", Numbers),
        };
    }

    /// <summary>By the unit of a figure: <c>duration</c> (microseconds), <c>usd</c>, <c>part</c> (of one), or else a count.</summary>
    public string Measure(double? value, string unit) => value is not { } known ? (unit == "usd" ? "unknown" : Nothing) : unit switch
    {
        "duration" => Duration((long)known),
        "usd" => Money(NanoUsd.FromDollars((decimal)known)),
        "part" => Percent(known),
        _ => Compact((long)known),
    };

    /// <summary>From a part of one.</summary>
    public string Percent(double? part) => part is null ? Nothing : (part.Value * 100).ToString(part >= 0.9995 || part <= 0 ? "0" : "0.0", Numbers) + "%";

    public string Bytes(long? bytes) => bytes switch
    {
        null => Nothing,
        < 1024 => $"{bytes} B",
        < 1024 * 1024 => (bytes.Value / 1024d).ToString("0.#", Numbers) + " KiB",
        _ => (bytes.Value / 1048576d).ToString("#,0.#", Numbers) + " MiB",
    };

    public string Calls(long calls) => calls == 1 ? "1 call" : $"{Count(calls)} calls";

    /// <summary>As in <c>7 days</c>.</summary>
    public string Days(int days) => days == 1 ? "a day" : $"{Count(days)} days";

    /// <summary>To the second, where a heading says which zone; <see cref="Full"/> where none does.</summary>
    public string At(DateTimeOffset? at) => at is { } then ? Local(then).ToString(Seconds, Culture) : Nothing;

    /// <summary>To the second and with the offset from UTC: a time that means the same to whoever it is shown to.</summary>
    public string Full(DateTimeOffset? at) => at is { } then ? $"{Local(then).ToString(Seconds, Culture)} {Offset(then)}" : Nothing;

    public string Day(DateTimeOffset? at) => at is { } then ? Local(then).ToString(Date, Culture) : Nothing;

    /// <summary>To the minute and without the year, for tight places.</summary>
    public string Brief(DateTimeOffset at) => Local(at).ToString("MM-dd HH:mm", Culture);

    /// <summary>To the minute and in a zone of its own, which is named.</summary>
    public static string At(DateTimeOffset at, TimeZoneInfo zone) => $"{TimeZoneInfo.ConvertTime(at, zone).ToString(Minutes, Culture)} {NameOf(zone)}";

    /// <summary>The day that a zone's calendar shows.</summary>
    public static string Day(DateTimeOffset at, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(at, zone).ToString(Date, Culture);

    /// <summary>Today's as a time, others with their day.</summary>
    public string Clock(DateTimeOffset at, DateTimeOffset now)
    {
        (DateTimeOffset then, DateTimeOffset today) = (Local(at), Local(now));
        return then.ToString(then.Date == today.Date ? "HH:mm:ss" : then.Year == today.Year ? "MM-dd HH:mm:ss" : Seconds, Culture);
    }

    /// <summary>How long ago, or when for those who rather read that.</summary>
    public string Ago(DateTimeOffset? at, DateTimeOffset now)
    {
        if (at is not { } then)
        {
            return "never";
        }
        TimeSpan age = now - then;
        return !_ages ? Clock(then, now) : age switch
        {
            { TotalSeconds: < 60 } => "just now",
            { TotalMinutes: < 60 } => $"{(int)age.TotalMinutes} min ago",
            { TotalHours: < 48 } => $"{(int)age.TotalHours} h ago",
            _ => $"{(int)age.TotalDays} d ago",
        };
    }

    /// <summary>The instant that this person's clock shows as such. One that it skips in spring counts on from the hour before; of two in autumn it is the later.</summary>
    public DateTimeOffset Instant(DateTime local)
    {
        var clock = DateTime.SpecifyKind(local, DateTimeKind.Unspecified);
        return new DateTimeOffset(clock, Zone.GetUtcOffset(clock)).ToUniversalTime();
    }

    /// <summary>What this person's clock shows then.</summary>
    public DateTimeOffset Local(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, Zone);

    /// <summary>An error kind in words: <c>upstream_timeout</c> → upstream timeout.</summary>
    public static string Kind(string? kind) => kind?.Replace('_', ' ') ?? "";

    private string Offset(DateTimeOffset at) => Zone == TimeZoneInfo.Utc ? "UTC" : Local(at).ToString("zzz", Culture);

    private static string NameOf(TimeZoneInfo zone) => zone == TimeZoneInfo.Utc ? "UTC" : zone.Id;
}
