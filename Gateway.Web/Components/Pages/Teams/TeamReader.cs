using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Web.Administration;

namespace Gateway.Web.Components.Pages.Teams;

/// <summary>Reads the teams with what each is limited to and has spent in this month (UTC), revoked keys of its included.</summary>
internal sealed class TeamReader(
    TeamAdministration teams, LimitAdministration limits, BudgetAdministration budgets, KeyAdministration keys, UsageQueries usage, TimeProvider time)
{
    public async Task<IReadOnlyList<TeamSummary>> ReadAsync(CancellationToken cancellationToken)
    {
        // First, since it waits until the database is there.
        IReadOnlyList<KeyView> all = await keys.ListAsync(cancellationToken);
        DateTimeOffset now = time.GetUtcNow();
        var month = new UsageQuery { From = new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero), To = now, GroupBy = UsageGrouping.Key };
        UsageReport report = await usage.ReadAsync(month, cancellationToken);
        Dictionary<string, UsageSums> sums = report.Groups.ToDictionary(g => g.Name, g => g.Sums);
        IReadOnlyList<LimitView> set = limits.List();
        IReadOnlyList<BudgetView> money = budgets.List();
        string scope = ScopeKind.Team.ToName();
        return
        [
            .. teams.List().Select(team => new TeamSummary(
                team,
                set.FirstOrDefault(l => l.Scope == scope && l.Of == team.Id),
                money.Count(b => b.Scope == scope && b.Of == team.Id),
                TeamSpend.Of(all.Where(k => k.TeamId == team.Id).Select(k => sums.GetValueOrDefault(k.Id)).OfType<UsageSums>()))),
        ];
    }
}

/// <param name="Limit">Null where nothing is limited.</param>
/// <param name="Budgets">How many there are.</param>
public sealed record TeamSummary(TeamView Team, LimitView? Limit, int Budgets, TeamSpend Spend);

/// <param name="Cost">Of the calls whose cost is known; null when there was no such call.</param>
/// <param name="Unknown">Calls whose cost is not known.</param>
public sealed record TeamSpend(NanoUsd? Cost, long Unknown)
{
    internal static TeamSpend Of(IEnumerable<UsageSums> sums)
    {
        (long requests, long unknown, long cost) = (0, 0, 0);
        foreach (UsageSums one in sums)
        {
            requests += one.Requests;
            unknown += one.UnknownCost;
            cost += one.Cost.Value;
        }
        return new TeamSpend(requests > unknown ? new NanoUsd(cost) : null, unknown);
    }
}
