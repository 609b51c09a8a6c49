using Gateway.Core.Catalog;

namespace Gateway.Web.Administration;

/// <summary>Between a step as it is shown and stored, and as the catalog declares it.</summary>
internal static class RouteStepConversion
{
    public static RouteStepDefinition ToDefinition(this RouteStepView step) => new()
    {
        Provider = Empty(step.Provider),
        Model = Empty(step.Model),
        Backend = Empty(step.Backend),
        UpstreamModel = Empty(step.UpstreamModel),
        Retries = step.Retries,
        Backoff = Time(step.BackoffMs),
        WarmupWait = Time(step.WarmupWaitMs),
        Timeouts = new TimeoutSettings
        {
            FirstByte = Time(step.FirstByteTimeoutMs),
            Idle = Time(step.IdleTimeoutMs),
            Total = Time(step.TimeoutMs),
        },
    };

    public static RouteStepView ToView(this RouteStepDefinition step) => new()
    {
        Provider = step.Provider,
        Model = step.Model,
        Backend = step.Backend,
        UpstreamModel = step.UpstreamModel,
        Retries = step.Retries,
        BackoffMs = Milliseconds(step.Backoff),
        WarmupWaitMs = Milliseconds(step.WarmupWait),
        FirstByteTimeoutMs = Milliseconds(step.Timeouts.FirstByte),
        IdleTimeoutMs = Milliseconds(step.Timeouts.Idle),
        TimeoutMs = Milliseconds(step.Timeouts.Total),
    };

    private static string? Empty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    // Clamped, so that a number beyond a TimeSpan's range is refused by the catalog's own check instead of an overflow.
    private static TimeSpan? Time(long? ms) =>
        ms is { } value ? TimeSpan.FromMilliseconds(Math.Clamp(value, -1, (long)TimeSpan.FromDays(365).TotalMilliseconds)) : null;

    private static long? Milliseconds(TimeSpan? time) => (long?)time?.TotalMilliseconds;
}
