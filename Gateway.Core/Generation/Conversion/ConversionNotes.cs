namespace Gateway.Core.Generation.Conversion;

/// <summary>Collects what a conversion could not carry. One conversion, one task.</summary>
public sealed class ConversionNotes
{
    // A hostile body must not grow the report without bound.
    private const int Most = 64;

    private readonly List<ConversionReason> _reasons = [];

    public IReadOnlyList<ConversionReason> Reasons => _reasons;
    public bool Lossy { get; private set; }

    /// <summary>What was lost, for a header or a log line; null if nothing was.</summary>
    public string? Lost => Lossy ? string.Join(", ", _reasons.Where(r => r.Lossy).Select(r => r.What)) : null;

    /// <summary>Another wire is written than was read, or something is said in other words.</summary>
    public bool Bridged { get; private set; }

    /// <summary>Notes that something was dropped; the same thing twice counts once.</summary>
    public void Lose(string what, string why)
    {
        Lossy = true;
        Add(new ConversionReason(what, why, Lossy: true));
    }

    /// <summary>Notes that something was said in other words.</summary>
    public void Bridge(string what, string why)
    {
        Bridged = true;
        Add(new ConversionReason(what, why, Lossy: false));
    }

    /// <summary>Notes that what is written is of another wire than what was read; that alone is no reason to name.</summary>
    public void Cross() => Bridged = true;

    public ConversionReport<T> Report<T>(T value) => new(value, Bridged, Lossy, [.. _reasons]);

    private void Add(ConversionReason reason)
    {
        if (_reasons.Count < Most && !_reasons.Exists(r => r.What == reason.What && r.Lossy == reason.Lossy))
        {
            _reasons.Add(reason);
        }
    }
}
