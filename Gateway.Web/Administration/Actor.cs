namespace Gateway.Web.Administration;

/// <summary>Who makes a change, as it stands in the audit log.</summary>
/// <param name="Name">For example <c>admin-key</c>, <c>console:admin</c>, <c>contoso:ada@example.com</c> or <c>system</c>.</param>
/// <param name="Teams">Ids of the only teams whose keys, budgets and limits this operator may change; null is everything.</param>
internal sealed record Actor(string Name, IReadOnlyList<string>? Teams = null)
{
    /// <summary>The entry as this one saw it before changing it: what others have changed of it since is not undone. Null changes it as it is.</summary>
    public object? Saw { get; init; }

    /// <summary>What must hold of an entry for anything to be changed; null is nothing.</summary>
    public EntryCondition? Condition { get; init; }

    /// <summary>The gateway itself: seeding at the first start.</summary>
    public static Actor System { get; } = new("system");

    /// <summary>Whoever holds the admin key.</summary>
    public static Actor AdminKey { get; } = new("admin-key");

    /// <summary>Whether what belongs to a team, or to none, is this one's to see and change.</summary>
    public bool IsOperatorOf(string? team) => Teams is null || (team is not null && Teams.Contains(team));
}
