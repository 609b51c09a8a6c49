namespace Gateway.Web.Components.Controls;

/// <summary>Time zones by their IANA names.</summary>
internal static class Zones
{
    /// <summary>What a browser completes: every zone known here by its IANA name.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. TimeZoneInfo.GetSystemTimeZones().Where(z => z.HasIanaId && z.Id.Contains('/')).Select(z => z.Id).Order(StringComparer.Ordinal)];

    /// <summary>The last part of a name, as people write it: <c>America/New_York</c> → New York.</summary>
    public static string City(string name) => name[(name.LastIndexOf('/') + 1)..].Replace('_', ' ');

    /// <summary>The name that somebody means by a name or a city, in whatever case; null when it is none or not only one.</summary>
    public static string? Search(string text)
    {
        string name = text.Trim().Replace(' ', '_');
        string[] meant = [.. Names.Where(n => n.Equals(name, StringComparison.OrdinalIgnoreCase))];
        if (meant.Length == 0)
        {
            meant = [.. Names.Where(n => City(n).Equals(text.Trim(), StringComparison.OrdinalIgnoreCase))];
        }
        // Some zones have two names.
        return meant.Length > 0 && meant.All(n => Of(n).HasSameRules(Of(meant[0]))) ? meant[0] : null;
    }

    /// <summary>UTC where none is named, or one that is not known here.</summary>
    public static TimeZoneInfo Of(string? name) => Find(name) ?? TimeZoneInfo.Utc;

    /// <summary>Null where none is named, or one that is not known here. UTC is <see cref="TimeZoneInfo.Utc"/> by either of its names.</summary>
    public static TimeZoneInfo? Find(string? name) =>
        string.IsNullOrWhiteSpace(name) || !TimeZoneInfo.TryFindSystemTimeZoneById(name.Trim(), out TimeZoneInfo? zone) ? null
        : zone.Id is "UTC" or "Etc/UTC" ? TimeZoneInfo.Utc : zone;
}
