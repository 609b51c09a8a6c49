namespace Gateway.Web.Administration.SignIn;

/// <summary>The rules of sign-in as they are in force.</summary>
public sealed record SignInRulesView
{
    /// <summary>From files or the environment: read-only, asked first.</summary>
    public required IReadOnlyList<SignInRule> Declared { get; init; }

    /// <summary>The console's own, in their order. Teams stand by id.</summary>
    public required IReadOnlyList<SignInRule> Rules { get; init; }

    /// <summary>Of those whom no rule fits: <c>none</c> or <c>viewer</c>.</summary>
    public required string DefaultRole { get; init; }

    /// <summary>Whether a file or the environment sets the default role.</summary>
    public required bool DefaultRoleDeclared { get; init; }

    /// <summary>Send it back with a change, so that nobody else's is overwritten.</summary>
    public required string Version { get; init; }

    /// <summary>The names of the providers that rules can name.</summary>
    public required IReadOnlyList<string> Providers { get; init; }
}

/// <summary>All rules anew: the list replaces the one there was.</summary>
public sealed record SignInRulesChange
{
    public required IReadOnlyList<SignInRule> Rules { get; init; }

    /// <summary>Left out: stays.</summary>
    public string? DefaultRole { get; init; }

    /// <summary>As read; left out: whatever is there is replaced.</summary>
    public string? Version { get; init; }
}

/// <summary>Claims to try the rules on.</summary>
public sealed record SignInPreview
{
    public required string Provider { get; init; }

    /// <summary>As in an id token.</summary>
    public required System.Text.Json.JsonElement Claims { get; init; }
}

/// <summary>What the rules make of the claims.</summary>
/// <param name="Role"><c>none</c>, <c>viewer</c>, <c>team-operator</c>, <c>operator</c> or <c>administrator</c>.</param>
/// <param name="Teams">Names, of an operator of some teams only.</param>
/// <param name="Rule">The rule that decided; null when none fitted.</param>
/// <param name="RuleNumber">Its place, counted from 1 over declared rules and then the console's.</param>
/// <param name="Notes">What is worth knowing about the claims themselves.</param>
public sealed record SignInPreviewView(string Role, IReadOnlyList<string> Teams, SignInRule? Rule, int? RuleNumber, IReadOnlyList<string> Notes);
