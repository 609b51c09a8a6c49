using System.Globalization;
using Gateway.Core.Catalog;

namespace Gateway.Web.Components.Controls;

/// <summary>How figures read. What is not known is a dash or says so; it is never shown as zero.</summary>
public static class Show
{
    public const string Nothing = "–";

    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    public static string Count(long? value) => value?.ToString("N0", Culture) ?? Nothing;

    /// <summary>Short, for tight places: 1,234 → 1.23k.</summary>
    public static string Compact(long? value) => value switch
    {
        null => Nothing,
        >= 1_000_000_000 => (value.Value / 1e9).ToString("0.##", Culture) + "B",
        >= 1_000_000 => (value.Value / 1e6).ToString("0.##", Culture) + "M",
        >= 10_000 => (value.Value / 1e3).ToString("0.#", Culture) + "k",
        _ => value.Value.ToString("N0", Culture),
    };

    /// <summary>From microseconds.</summary>
    public static string Duration(long? microseconds) => microseconds switch
    {
        null => Nothing,
        < 1_000 => $"{microseconds} µs",
        < 10_000 => (microseconds.Value / 1e3).ToString("0.#", Culture) + " ms",
        < 1_000_000 => (microseconds.Value / 1e3).ToString("0", Culture) + " ms",
        < 60_000_000 => (microseconds.Value / 1e6).ToString("0.##", Culture) + " s",
        _ => (microseconds.Value / 6e7).ToString("0.#", Culture) + " min",
    };

    public static string Duration(TimeSpan? value) => value is null ? Nothing : Duration((long)(value.Value.TotalMilliseconds * 1000));

    public static string Money(NanoUsd? cost)
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
            >= 1000 => dollars.ToString("$#,0", Culture),
            >= 1 => dollars.ToString("$0.00", Culture),
            >= 0.01m => dollars.ToString("$0.000", Culture),
            // Three digits that count.
            _ => "$" + decimal.Round(dollars, Math.Min(9, 2 - (int)Math.Floor(Math.Log10((double)Math.Abs(dollars))))).ToString("0.#########", Culture),
        };
    }

    /// <summary>From a part of one.</summary>
    public static string Percent(double? part) => part is null ? Nothing : (part.Value * 100).ToString(part >= 0.9995 || part <= 0 ? "0" : "0.0", Culture) + "%";

    public static string At(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", Culture) ?? Nothing;

    public static string Day(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd", Culture) ?? Nothing;

    /// <summary>As in <c>7 days</c>.</summary>
    public static string Days(int days) => days == 1 ? "a day" : $"{Count(days)} days";

    /// <summary>To the minute and in a zone of its own, which is named.</summary>
    public static string At(DateTimeOffset at, TimeZoneInfo zone) =>
        TimeZoneInfo.ConvertTime(at, zone).ToString("d MMM yyyy HH:mm ", Culture) + (zone == TimeZoneInfo.Utc ? "UTC" : zone.Id);

    /// <summary>The day that a zone's calendar shows.</summary>
    public static string Day(DateTimeOffset at, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(at, zone).ToString("d MMM yyyy", Culture);

    /// <summary>Today's as a time, others with their day.</summary>
    public static string Clock(DateTimeOffset at, DateTimeOffset now) => at.UtcDateTime.Date == now.UtcDateTime.Date
        ? at.UtcDateTime.ToString("HH:mm:ss", Culture)
        : at.UtcDateTime.ToString("d MMM HH:mm:ss", Culture);

    public static string Ago(DateTimeOffset? at, DateTimeOffset now)
    {
        if (at is not { } then)
        {
            return "never";
        }
        TimeSpan age = now - then;
        return age switch
        {
            { TotalSeconds: < 60 } => "just now",
            { TotalMinutes: < 60 } => $"{(int)age.TotalMinutes} min ago",
            { TotalHours: < 48 } => $"{(int)age.TotalHours} h ago",
            _ => $"{(int)age.TotalDays} d ago",
        };
    }

    public static string Bytes(long? bytes) => bytes switch
    {
        null => Nothing,
        < 1024 => $"{bytes} B",
        < 1024 * 1024 => (bytes.Value / 1024d).ToString("0.#", Culture) + " KiB",
        _ => (bytes.Value / 1048576d).ToString("0.#", Culture) + " MiB",
    };

    /// <summary>An error kind in words: <c>upstream_timeout</c> → upstream timeout.</summary>
    public static string Kind(string? kind) => kind?.Replace('_', ' ') ?? "";
}
