using Gateway.Core.Routing;

namespace Gateway.Web.Components.Pages.Routing;

/// <summary>The way that a request would take through a chain now.</summary>
/// <param name="Steps">What is thought of the backends of each step on screen; null for a step that has none for this request.</param>
/// <param name="Reason">Why this chain, in one sentence.</param>
public sealed record ChainPath(IReadOnlyList<IReadOnlyList<BackendVerdict>?> Steps, string Reason)
{
    /// <summary>The step whose backend would be called; null when none may be called now.</summary>
    public int? Serving { get; } = Steps.Select((s, i) => (Verdicts: s, Place: i)).Where(s => s.Verdicts?.Any(v => v.Taken) == true).Select(s => (int?)s.Place).FirstOrDefault();

    public BackendVerdict? Taken => Serving is { } place ? Steps[place]!.First(v => v.Taken) : null;
}
