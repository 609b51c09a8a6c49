namespace Gateway.Web.Administration;

/// <summary>Who makes a change, as it stands in the audit log.</summary>
/// <param name="Name">For example <c>admin-key</c>, <c>local:admin</c> or <c>system</c>.</param>
internal sealed record Actor(string Name)
{
    /// <summary>The gateway itself: seeding at the first start.</summary>
    public static Actor System { get; } = new("system");

    /// <summary>Whoever holds the admin key.</summary>
    public static Actor AdminKey { get; } = new("admin-key");

    /// <summary>Someone who signed in to the console.</summary>
    public static Actor Console(string userName) => new($"console:{userName}");
}
