using System.Globalization;

namespace Gateway.Web.Administration.Traffic;

/// <summary>Names of the widths of a series' points: <c>minute</c>, <c>hour</c>, <c>day</c>, or a number with <c>m</c>, <c>h</c> or <c>d</c>.</summary>
internal static class TrafficInterval
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    /// <param name="width">Whole minutes that divide a day, or whole days.</param>
    public static string Name(TimeSpan width)
    {
        (double count, char unit) = width >= Day ? (width.TotalDays, 'd') : width.TotalMinutes % 60 == 0 ? (width.TotalHours, 'h') : (width.TotalMinutes, 'm');
        return string.Create(CultureInfo.InvariantCulture, $"{count:0}{unit}");
    }

    /// <returns>False for anything that is no width of a series.</returns>
    public static bool TryParse(string name, out TimeSpan width)
    {
        width = name switch
        {
            "minute" => TimeSpan.FromMinutes(1),
            "hour" => TimeSpan.FromHours(1),
            "day" => Day,
            _ when name.Length is > 1 and < 6 && int.TryParse(name.AsSpan(0, name.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int count) => name[^1] switch
            {
                'm' => TimeSpan.FromMinutes(count),
                'h' => TimeSpan.FromHours(count),
                'd' => TimeSpan.FromDays(count),
                _ => default,
            },
            _ => default,
        };
        return width > TimeSpan.Zero && width <= Longest && (Day.Ticks % width.Ticks == 0 || width.Ticks % Day.Ticks == 0);
    }
}
