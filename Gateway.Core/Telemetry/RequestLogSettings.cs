namespace Gateway.Core.Telemetry;

/// <summary>How the lines of a call are written.</summary>
/// <param name="Least">Lines of a lower level are left out.</param>
/// <param name="AsText">As <c>time level msg key=value…</c> instead of JSON.</param>
public readonly record struct RequestLogSettings(LineLevel Least, bool AsText);

/// <summary>How much a line of a call matters.</summary>
public enum LineLevel
{
    Info,

    /// <summary>The request was refused or failed by the client's own doing, or an attempt failed.</summary>
    Warn,

    /// <summary>The client was answered with a status of 500 or more.</summary>
    Error,

    /// <summary>Above all: as the least level it leaves every line out.</summary>
    None,
}
