using Gateway.Core.Catalog;
using Gateway.Web.Administration;

namespace Gateway.Web.Components.Pages.Routing;

/// <summary>What a step of a chain calls.</summary>
public enum StepTarget
{
    Provider,
    Model,
    Backend,
}

/// <summary>One step of a route while it is being edited.</summary>
public sealed class StepForm
{
    public StepTarget Kind { get; set; }

    /// <summary>A provider's or model's name, or a backend's id.</summary>
    public string Target { get; set; } = "";
    public string UpstreamModel { get; set; } = "";
    public int? Retries { get; set; }
    public long? BackoffMs { get; set; }
    public long? WarmupWaitMs { get; set; }
    public long? FirstByteTimeoutMs { get; set; }
    public long? TimeoutMs { get; set; }
    public long? IdleTimeoutMs { get; set; }

    public bool HasSettings => (Retries, BackoffMs, WarmupWaitMs, FirstByteTimeoutMs, TimeoutMs, IdleTimeoutMs) is not (null, null, null, null, null, null);

    public static StepForm From(RouteStepView step) => new()
    {
        Kind = step.Model is not null ? StepTarget.Model : step.Backend is not null ? StepTarget.Backend : StepTarget.Provider,
        Target = TargetOf(step),
        UpstreamModel = step.UpstreamModel ?? "",
        Retries = step.Retries,
        BackoffMs = step.BackoffMs,
        WarmupWaitMs = step.WarmupWaitMs,
        FirstByteTimeoutMs = step.FirstByteTimeoutMs,
        TimeoutMs = step.TimeoutMs,
        IdleTimeoutMs = step.IdleTimeoutMs,
    };

    public static string TargetOf(RouteStepView step) => step.Provider ?? step.Model ?? step.Backend ?? "";

    public static string KindOf(RouteStepView step) => step.Model is not null ? "model" : step.Backend is not null ? "backend" : "provider";

    public RouteStepView ToView() => new()
    {
        Provider = Kind == StepTarget.Provider ? Target : null,
        Model = Kind == StepTarget.Model ? Target : null,
        Backend = Kind == StepTarget.Backend ? Target : null,
        UpstreamModel = string.IsNullOrWhiteSpace(UpstreamModel) ? null : UpstreamModel.Trim(),
        Retries = Retries,
        BackoffMs = BackoffMs,
        WarmupWaitMs = WarmupWaitMs,
        FirstByteTimeoutMs = FirstByteTimeoutMs,
        IdleTimeoutMs = IdleTimeoutMs,
        TimeoutMs = TimeoutMs,
    };

    /// <summary>What it calls, in words for people.</summary>
    internal string NameIn(CatalogSnapshot catalog) => Kind == StepTarget.Backend && catalog.Backends.TryGetValue(Target, out Backend? backend)
        ? $"{backend.Provider.Name} · {backend.UpstreamModel}"
        : Target;

    internal RouteStepDefinition ToDefinition() => new()
    {
        Provider = Kind == StepTarget.Provider ? Target : null,
        Model = Kind == StepTarget.Model ? Target : null,
        Backend = Kind == StepTarget.Backend ? Target : null,
        UpstreamModel = string.IsNullOrWhiteSpace(UpstreamModel) ? null : UpstreamModel.Trim(),
        Retries = Retries,
        Backoff = Span(BackoffMs),
        WarmupWait = Span(WarmupWaitMs),
        Timeouts = new TimeoutSettings { FirstByte = Span(FirstByteTimeoutMs), Idle = Span(IdleTimeoutMs), Total = Span(TimeoutMs) },
    };

    private static TimeSpan? Span(long? milliseconds) => milliseconds is { } ms ? TimeSpan.FromMilliseconds(ms) : null;
}
