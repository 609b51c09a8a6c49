namespace Gateway.Web.Components.Pages.Routing;

/// <summary>A part of a drawn chain that has settings.</summary>
public enum ChainPart
{
    /// <summary>Where requests come in: the route itself.</summary>
    Entry,

    /// <summary>The arrows: after which failures it moves on.</summary>
    Moves,
    Step,
}

/// <param name="Step">Of a <see cref="ChainPart.Step"/>.</param>
public readonly record struct ChainSelection(ChainPart Part, StepForm? Step = null)
{
    public static ChainSelection Of(StepForm step) => new(ChainPart.Step, step);
}
