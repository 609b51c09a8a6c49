using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;

namespace Gateway.Web.Security;

/// <summary>What people may do in the console. Each role may do what the one before it may.</summary>
public static class ConsoleRoles
{
    /// <summary>What rules of sign-in say to keep people out; no session has it.</summary>
    public const string None = "none";

    /// <summary>Sees everything but secrets and what was said in captured calls.</summary>
    public const string Viewer = "viewer";

    /// <summary>Also changes keys, budgets and limits of some teams, and nothing else.</summary>
    public const string TeamOperator = "team-operator";

    /// <summary>Also changes models, providers, routes and keys, and uses the playground.</summary>
    public const string Operator = "operator";

    /// <summary>Also sees the audit log, and edits the rules of sign-in.</summary>
    public const string Administrator = "administrator";
}

/// <summary>Authorization policies, named after the least role that meets them.</summary>
public static class ConsolePolicies
{
    public const string Viewer = "console-viewer";
    public const string TeamOperator = "console-team-operator";
    public const string Operator = "console-operator";
    public const string Administrator = "console-administrator";

    /// <summary>Adds the policies, and makes sign-in the rule for every endpoint that does not say otherwise.</summary>
    internal static void Configure(AuthorizationOptions options)
    {
        options.AddPolicy(Viewer, p => Require(p, ConsoleRoles.Viewer, ConsoleRoles.TeamOperator, ConsoleRoles.Operator, ConsoleRoles.Administrator));
        options.AddPolicy(TeamOperator, p => Require(p, ConsoleRoles.TeamOperator, ConsoleRoles.Operator, ConsoleRoles.Administrator));
        options.AddPolicy(Operator, p => Require(p, ConsoleRoles.Operator, ConsoleRoles.Administrator));
        options.AddPolicy(Administrator, p => Require(p, ConsoleRoles.Administrator));
        options.FallbackPolicy = options.GetPolicy(Viewer);
    }

    private static void Require(AuthorizationPolicyBuilder policy, params string[] roles) =>
        policy.AddAuthenticationSchemes(ConsoleSignIn.Scheme).RequireAuthenticatedUser().RequireClaim(ClaimTypes.Role, roles);
}
