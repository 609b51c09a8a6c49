using Gateway.Web.Security;

namespace Gateway.Web.Administration.SignIn;

/// <summary>The rules in force: those that files declare, then the console's own, in their order.</summary>
/// <param name="DefaultRole">Of those whom no rule fits: <c>none</c> or <c>viewer</c>.</param>
/// <param name="Declared">How many of <paramref name="Rules"/> come from a file or the environment.</param>
/// <param name="DefaultIsDeclared">Whether the default role does.</param>
/// <param name="Version">Of the console's own part; empty while it has none.</param>
internal sealed record SignInRuleSet(
    IReadOnlyList<SignInRule> Rules, int Declared, string DefaultRole, bool DefaultIsDeclared, string Version)
{
    /// <summary>The first rule that fits, or the default.</summary>
    public SignInDecision Decide(SignInPerson person, Func<IReadOnlyList<string>, IReadOnlyList<string>> teamIds)
    {
        for (int i = 0; i < Rules.Count; i++)
        {
            if (Rules[i].Fits(person))
            {
                SignInRule rule = Rules[i];
                return rule.Role == ConsoleRoles.Operator && rule.Teams.Count > 0
                    ? new SignInDecision(ConsoleRoles.TeamOperator, teamIds(rule.Teams), i)
                    : new SignInDecision(rule.Role, [], i);
            }
        }
        return new SignInDecision(DefaultRole, [], null);
    }
}

/// <summary>What the rules make of somebody.</summary>
/// <param name="Role"><c>none</c> keeps out.</param>
/// <param name="Teams">Ids, of an operator of some teams only. Teams that are gone are left out; nothing left is no team, never all.</param>
/// <param name="Rule">The index of the rule that decided; null for the default.</param>
internal sealed record SignInDecision(string Role, IReadOnlyList<string> Teams, int? Rule)
{
    public bool IsIn => Role != ConsoleRoles.None;
}
