using System.Globalization;
using System.Net.Http.Headers;

namespace Gateway.Core.Failover;

/// <summary>How long an upstream asks to be left alone.</summary>
internal static class RetryHints
{
    private static readonly TimeSpan Most = TimeSpan.FromDays(1);

    /// <summary>
    /// <c>retry-after-ms</c>, else <c>retry-after</c> as seconds or a date, else when the limit that is used up resets
    /// (OpenAI's and Groq's <c>x-ratelimit-reset-*</c>); null if none makes sense.
    /// </summary>
    public static TimeSpan? Of(int status, HttpResponseHeaders headers, DateTimeOffset now)
    {
        if (Number(headers, "retry-after-ms") is { } milliseconds)
        {
            return Within(milliseconds / 1000);
        }
        if (Number(headers, "retry-after") is { } seconds)
        {
            return Within(seconds);
        }
        if (Text(headers, "retry-after") is { } date)
        {
            return DateTimeOffset.TryParse(date, CultureInfo.InvariantCulture, out DateTimeOffset at) && at > now && at - now < Most ? at - now : null;
        }
        return status == 429 ? UntilReset(headers) : null;
    }

    // The limit with nothing left is the one that was hit; where both have something left, the request was larger than either.
    private static TimeSpan? UntilReset(HttpResponseHeaders headers)
    {
        TimeSpan? requests = Reset(headers, "requests");
        TimeSpan? tokens = Reset(headers, "tokens");
        bool noRequests = Number(headers, "x-ratelimit-remaining-requests") is <= 0;
        bool noTokens = Number(headers, "x-ratelimit-remaining-tokens") is <= 0;
        return noRequests == noTokens ? Later(requests, tokens) : noRequests ? requests : tokens;
    }

    private static TimeSpan? Later(TimeSpan? one, TimeSpan? other) => one is null || other > one ? other : one;

    private static TimeSpan? Reset(HttpResponseHeaders headers, string limit) =>
        Text(headers, "x-ratelimit-reset-" + limit) is { } text ? Duration(text) : null;

    /// <summary>
    /// Reads <c>3.89s</c>, <c>120ms</c>, <c>9m38.016s</c>, <c>1h2m3s</c> or a bare number of seconds; null for anything else and
    /// for more than a day.
    /// </summary>
    public static TimeSpan? Duration(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        double total = 0;
        int parts = 0;
        while (!text.IsEmpty && parts++ < 8)
        {
            int digits = text.IndexOfAnyExceptInRange('.', '9');
            ReadOnlySpan<char> number = digits < 0 ? text : text[..digits];
            if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value))
            {
                return null;
            }
            text = text[number.Length..];
            int letters = text.IndexOfAnyInRange('.', '9');
            ReadOnlySpan<char> unit = letters < 0 ? text : text[..letters];
            double? factor = unit switch { "ms" => 0.001, "s" => 1, "m" => 60, "h" => 3600, "d" => 86_400, "" when parts == 1 => 1, _ => null };
            if (factor is null)
            {
                return null;
            }
            total += value * factor.Value;
            text = text[unit.Length..];
        }
        return parts == 0 ? null : Within(total);
    }

    private static TimeSpan? Within(double seconds) => seconds >= 0 && seconds < Most.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;

    private static double? Number(HttpResponseHeaders headers, string name) =>
        Text(headers, name) is { } text && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null;

    private static string? Text(HttpResponseHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out HeaderStringValues value) ? value.ToString() : null;
}
