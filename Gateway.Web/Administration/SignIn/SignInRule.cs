using Gateway.Core.Catalog;
using Gateway.Web.Security;

namespace Gateway.Web.Administration.SignIn;

/// <summary>Gives a role to everybody of whom a provider says something. The first rule that fits decides.</summary>
public sealed record SignInRule
{
    /// <summary>The value that fits whatever the claim says, as long as it is there.</summary>
    public const string Any = "*";

    private const int MaxLength = 400;

    /// <summary>The provider whose people it is for; null for all providers'.</summary>
    public string? Provider { get; init; }

    /// <summary><c>groups</c>, <c>roles</c>, <c>email</c>, <c>domain</c> (of the e-mail address), <c>subject</c>, or any claim by its own name.</summary>
    public required string Claim { get; init; }

    /// <summary>What the claim must hold, or <c>*</c>.</summary>
    public required string Value { get; init; }

    /// <summary><c>viewer</c>, <c>operator</c> or <c>administrator</c>; <c>none</c> keeps out.</summary>
    public required string Role { get; init; }

    /// <summary>Of an operator: the only teams whose keys, budgets and limits may be changed; empty is everything.</summary>
    public IReadOnlyList<string> Teams { get; init; } = [];

    internal bool Fits(SignInPerson person) =>
        (Provider is null || Provider == person.Provider)
        && person.Values(Claim).Any(v => Value == Any || v.Equals(Value, Claim is "email" or "domain" ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal));

    /// <summary>Everything that is wrong with the rule as it stands.</summary>
    internal IEnumerable<CatalogError> Errors(string path, string separator = ".")
    {
        if (string.IsNullOrWhiteSpace(Claim) || Claim.Length > MaxLength)
        {
            yield return new($"{path}{separator}claim", "A claim's name is needed: groups, roles, email, domain, subject, or any other.");
        }
        if (string.IsNullOrWhiteSpace(Value) || Value.Length > MaxLength)
        {
            yield return new($"{path}{separator}value", "A value is needed; * fits any.");
        }
        if (Role is not (ConsoleRoles.None or ConsoleRoles.Viewer or ConsoleRoles.Operator or ConsoleRoles.Administrator))
        {
            yield return new($"{path}{separator}role", $"One of {ConsoleRoles.None}, {ConsoleRoles.Viewer}, {ConsoleRoles.Operator}, {ConsoleRoles.Administrator}.");
        }
        if (Teams.Count > 0 && Role != ConsoleRoles.Operator)
        {
            yield return new($"{path}{separator}teams", "Only an operator can be one of some teams.");
        }
    }
}
