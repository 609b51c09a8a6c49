namespace Gateway.Web.Administration.Appearances;

/// <summary>How one person wants times and figures to be written, and what not to be shown. The theme is not in it: that is the browser's, whose screen it suits.</summary>
internal sealed record Appearance
{
    /// <summary>An IANA name; null is the zone of whatever browser is used.</summary>
    public string? Zone { get; init; }

    /// <summary>Ages, as in "5 min ago", where the time itself hardly matters. The default is true.</summary>
    public bool Ages { get; init; } = true;

    /// <summary>The default is <see cref="FigureStyle.CommaPoint"/>.</summary>
    public FigureStyle Figures { get; init; }

    /// <summary>The list of first steps is not shown any more, done or not.</summary>
    public bool HidesFirstSteps { get; init; }
}
