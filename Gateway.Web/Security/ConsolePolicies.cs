using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;

namespace Gateway.Web.Security;

/// <summary>What people may do in the console. Each role may do what the one before it may.</summary>
public static class ConsoleRoles
{
    /// <summary>Sees everything but secrets.</summary>
    public const string Viewer = "viewer";

    /// <summary>Also changes models, providers, routes and keys, and uses the playground.</summary>
    public const string Operator = "operator";

    /// <summary>Also sees the audit log and the settings.</summary>
    public const string Administrator = "administrator";
}

/// <summary>Authorization policies, named after the least role that meets them.</summary>
public static class ConsolePolicies
{
    public const string Viewer = "console-viewer";
    public const string Operator = "console-operator";
    public const string Administrator = "console-administrator";

    /// <summary>Adds the policies, and makes sign-in the rule for every endpoint that does not say otherwise.</summary>
    internal static void Configure(AuthorizationOptions options)
    {
        options.AddPolicy(Viewer, p => Require(p, ConsoleRoles.Viewer, ConsoleRoles.Operator, ConsoleRoles.Administrator));
        options.AddPolicy(Operator, p => Require(p, ConsoleRoles.Operator, ConsoleRoles.Administrator));
        options.AddPolicy(Administrator, p => Require(p, ConsoleRoles.Administrator));
        options.FallbackPolicy = options.GetPolicy(Viewer);
    }

    private static void Require(AuthorizationPolicyBuilder policy, params string[] roles) =>
        policy.AddAuthenticationSchemes(ConsoleSignIn.Scheme).RequireAuthenticatedUser().RequireClaim(ClaimTypes.Role, roles);
}
