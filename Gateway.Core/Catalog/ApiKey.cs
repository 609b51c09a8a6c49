namespace Gateway.Core.Catalog;

/// <summary>A key as requests see it.</summary>
public sealed class ApiKey
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required string Prefix { get; init; }
    public bool Active { get; init; } = true;
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Null takes the gateway's default, 0 is unlimited.</summary>
    public int? RpmLimit { get; init; }

    /// <summary>Null takes the gateway's default, 0 is unlimited.</summary>
    public int? TpmLimit { get; init; }
    public ModelPattern[] AllowedModels { get; init; } = [];

    /// <summary>What it may be used for; none of them allows all.</summary>
    public EndpointKinds AllowedEndpoints { get; init; }

    /// <summary>Where it may be used from; empty allows all.</summary>
    public System.Net.IPNetwork[] AllowedNetworks { get; init; } = [];

    /// <summary>Whose key it is; null when it stands alone.</summary>
    public Team? Team { get; init; }

    /// <summary>What limits every call of this key: its own limits, its team's, the whole gateway's; narrowest first.</summary>
    public Limits.LimitScope[] Scopes { get; init; } = [];
    public bool AllowRouting { get; init; } = true;

    /// <summary>Name of the provider of requests that are passed through and name none; null takes the gateway's default.</summary>
    public string? DefaultProvider { get; init; }

    /// <summary>Among requests that wait for a place, lower goes first.</summary>
    public int Priority { get; init; }

    /// <summary>What is said in its next calls is to be kept; null, as a rule, keeps nothing.</summary>
    public Capture.CaptureOrder? Capture { get; init; }
    public required KeyState State { get; init; }

    /// <summary>True when the key may use the model under its name or one of its aliases.</summary>
    public bool Allows(Model model) => Allows(AllowedModels, model) && (Team is null || Allows(Team.AllowedModels, model));

    /// <summary>The same of a name that no model has.</summary>
    public bool Allows(string name) =>
        (AllowedModels.Length == 0 || AllowedModels.Any(p => p.Matches(name)))
        && (Team is null || Team.AllowedModels.Length == 0 || Team.AllowedModels.Any(p => p.Matches(name)));

    private static bool Allows(ModelPattern[] patterns, Model model)
    {
        if (patterns.Length == 0)
        {
            return true;
        }
        foreach (ModelPattern pattern in patterns)
        {
            if (pattern.Matches(model.Name))
            {
                return true;
            }
            foreach (string alias in model.Aliases)
            {
                if (pattern.Matches(alias))
                {
                    return true;
                }
            }
        }
        return false;
    }
}
