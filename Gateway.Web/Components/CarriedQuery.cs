using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Gateway.Web.Components;

/// <summary>Range and query go along from page to page, between those that know them, whichever way one goes.</summary>
internal static class CarriedQuery
{
    private static readonly string[] Span = ["range", "from", "to"];
    private static readonly string[] Traffic = [.. Span, "compare", "q"];

    private static readonly Dictionary<string, string[]> Known = new()
    {
        [ConsoleUrls.OverviewPath] = Traffic,
        [ConsoleUrls.ExplorePath] = Traffic,
        [ConsoleUrls.RequestsPath] = Traffic,
        [ConsoleUrls.HealthPath] = Span,
        [ConsoleUrls.LedgerPath] = Span,
    };

    /// <param name="path">The page to go to.</param>
    /// <param name="here">The address one comes from.</param>
    public static string To(string path, Uri here)
    {
        if (!Known.TryGetValue(path, out string[]? there) || !Known.TryGetValue(here.AbsolutePath, out string[]? known))
        {
            return path;
        }
        Dictionary<string, StringValues> query = QueryHelpers.ParseQuery(here.Query);
        return ConsoleUrls.With(path, there.Intersect(known).Where(query.ContainsKey).Select(name => (name, (string?)query[name].ToString())));
    }

    /// <summary>The range that an address names; null where it names none.</summary>
    public static TimeRange? Range(Uri here, DateTimeOffset now)
    {
        Dictionary<string, StringValues> query = QueryHelpers.ParseQuery(here.Query);
        return Known.ContainsKey(here.AbsolutePath) && Span.Any(query.ContainsKey)
            ? TimeRange.Parse(query.GetValueOrDefault("range"), query.GetValueOrDefault("from"), query.GetValueOrDefault("to"), now) : null;
    }
}
