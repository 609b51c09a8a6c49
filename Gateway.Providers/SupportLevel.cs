namespace Gateway.Providers;

/// <summary>How well a provider serves a capability.</summary>
public enum SupportLevel
{
    /// <summary>Not served; a request is refused and says so.</summary>
    Planned,

    /// <summary>Served by translation, or passed on to a server that may or may not have it.</summary>
    Compatible,

    /// <summary>Served on the provider's own wire, held against recorded traffic of that provider.</summary>
    Native,
}
