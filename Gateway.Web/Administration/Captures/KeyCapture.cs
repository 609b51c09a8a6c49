namespace Gateway.Web.Administration.Captures;

/// <summary>Of which of a key's calls the content is kept.</summary>
internal sealed record KeyCapture
{
    /// <summary>The next so many, 1 to 1000; 20 when left out.</summary>
    public Optional<int?> Requests { get; init; }

    /// <summary>Until then, at most 24 hours ahead; an hour when left out.</summary>
    public Optional<DateTimeOffset?> Until { get; init; }
}
