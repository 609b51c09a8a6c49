using System.Text.Json.Serialization;
using Gateway.Core.Catalog;
using Gateway.Web.Administration;
using Gateway.Web.Components.Controls;
using Gateway.Web.Components.Pages.Budgets;

namespace Gateway.Web.Components.Pages.Keys;

/// <summary>A key's name and rules while they are being edited.</summary>
internal sealed class KeyForm
{
    public string Name { get; set; } = "";
    public int? RpmLimit { get; set; }
    public int? TpmLimit { get; set; }

    public int? MaxParallel { get; set; }

    /// <summary>Null is 0.</summary>
    public int? Priority { get; set; }

    /// <summary>A team's id; empty for none.</summary>
    public string Team { get; set; } = "";
    public string Owner { get; set; } = "";

    /// <summary>A provider's name; empty takes the gateway's.</summary>
    public string DefaultProvider { get; set; } = "";

    /// <summary>Names or patterns, with commas or line breaks between; empty allows all.</summary>
    public string AllowedModels { get; set; } = "";

    /// <summary>Names of the admin API; empty allows all.</summary>
    public List<string> AllowedEndpoints { get; set; } = [];

    /// <summary>Addresses and networks as <see cref="AllowedModels"/>; empty allows all.</summary>
    public string AllowedNetworks { get; set; } = "";

    /// <summary>Words in the same way.</summary>
    public string Tags { get; set; } = "";

    /// <summary>The key's last day, in UTC.</summary>
    public DateOnly? ExpiresOn { get; set; }

    /// <summary>As it was.</summary>
    [JsonInclude]
    private DateOnly? ExpiredOn { get; set; }
    public bool Active { get; set; } = true;
    public bool AllowRouting { get; set; } = true;

    /// <summary>That a new key is issued with; none without an amount.</summary>
    public BudgetForm Budget { get; set; } = new();

    public static KeyForm From(KeyView? key) => key is null ? new KeyForm() : new KeyForm
    {
        ExpiredOn = LastDay(key.ExpiresAt),
        Name = key.Name,
        RpmLimit = key.RpmLimit,
        TpmLimit = key.TpmLimit,
        MaxParallel = key.MaxParallel,
        Priority = key.Priority == 0 ? null : key.Priority,
        Team = key.TeamId ?? "",
        Owner = key.Owner ?? "",
        DefaultProvider = key.DefaultProvider ?? "",
        AllowedModels = string.Join(", ", key.AllowedModels),
        AllowedEndpoints = [.. key.AllowedEndpoints],
        AllowedNetworks = string.Join(", ", key.AllowedNetworks),
        Tags = string.Join(", ", key.Tags),
        ExpiresOn = LastDay(key.ExpiresAt),
        Active = key.Active,
        AllowRouting = key.AllowRouting,
    };

    public KeyChange ToChange() => new()
    {
        Name = Name.Trim(),
        RpmLimit = RpmLimit,
        TpmLimit = TpmLimit,
        MaxParallel = MaxParallel,
        Priority = Priority,
        Team = Team,
        Owner = Owner.Trim(),
        DefaultProvider = DefaultProvider,
        AllowedModels = new(CommaList.Split(AllowedModels)),
        AllowedEndpoints = new(AllowedEndpoints),
        AllowedNetworks = new(CommaList.Split(AllowedNetworks)),
        Tags = new(CommaList.Split(Tags)),
        // An instant that was given to the second by the API stays what it is unless its day is changed.
        ExpiresAt = ExpiresOn == ExpiredOn && ExpiredOn is not null ? default : ExpiresOn is { } day ? new DateTimeOffset(day.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero) : new Optional<DateTimeOffset?>(null),
        Active = Active,
        AllowRouting = AllowRouting,
    };

    /// <summary>Of a new key; null when something has to be entered first.</summary>
    public KeyChange? ToNew(out CatalogError? error)
    {
        error = null;
        return Budget.Amount is null ? ToChange()
            : Budget.ToChange(out error) is { } budget ? ToChange() with { Budget = budget with { Name = default } }
            : null;
    }

    public void Allow(string endpoint, bool chosen)
    {
        AllowedEndpoints.Remove(endpoint);
        if (chosen)
        {
            AllowedEndpoints.Add(endpoint);
        }
    }

    private static DateOnly? LastDay(DateTimeOffset? expires) => expires is { } at ? DateOnly.FromDateTime(at.UtcDateTime.AddTicks(-1)) : null;
}
