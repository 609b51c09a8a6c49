using System.Globalization;

namespace Gateway.Web.Configuration;

/// <summary>Durations as people write them: <c>500ms</c>, <c>30s</c>, <c>10m</c>, <c>2h</c>, <c>hh:mm:ss</c>, or a bare number of seconds.</summary>
internal static class DurationText
{
    /// <summary>What a message says is accepted.</summary>
    public const string Accepted = "a duration such as 500ms, 30s, 10m, 01:30:00, or a number of seconds";

    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        text = text.Trim();
        if (text.Contains(':'))
        {
            return TimeSpan.TryParseExact(text, [@"h\:mm\:ss", @"hh\:mm\:ss", @"hh\:mm\:ss\.FFF", @"d\.hh\:mm\:ss"], CultureInfo.InvariantCulture, out duration);
        }
        (string number, double seconds) = text switch
        {
            _ when text.EndsWith("ms", StringComparison.Ordinal) => (text[..^2], 0.001),
            _ when text.EndsWith('s') => (text[..^1], 1),
            _ when text.EndsWith('m') => (text[..^1], 60),
            _ when text.EndsWith('h') => (text[..^1], 3600),
            _ => (text, 1d),
        };
        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) || value * seconds > Longest.TotalSeconds)
        {
            return false;
        }
        duration = TimeSpan.FromMilliseconds(Math.Round(value * seconds * 1000, 3));
        return true;
    }
}
