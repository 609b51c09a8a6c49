using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Health;
using Gateway.Core.Limits;
using Gateway.Web.Administration;
using Gateway.Web.Administration.Operations;
using Gateway.Web.Administration.Traffic;
using Gateway.Web.Health;
using Gateway.Web.Storage;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Alerts;

/// <param name="Value">Null when nothing can be said, for example without calls.</param>
/// <param name="Text">What it is made of, for people; empty where the value says it all.</param>
internal readonly record struct AlertReading(double? Value, string Text = "");

/// <summary>Measures what rules look at, of all nodes together.</summary>
internal sealed class AlertReadings(
    UsageQueries usage, SloBoard targets, BudgetAdministration budgets, GatewayCatalog catalog, AdministrationDatabase database, OperationEvents events, TimeProvider time)
{
    // As long as an event of another node is believed that nothing followed.
    private static readonly TimeSpan LookBack = TimeSpan.FromDays(1);

    // Of a longer window a part of a minute more makes no difference, and its calls would be read one by one.
    private static readonly TimeSpan LongestToTheMoment = TimeSpan.FromHours(1);

    public async Task<AlertReading> ReadAsync(AlertRule rule, CancellationToken cancellationToken)
    {
        switch (rule.Metric)
        {
            case AlertMetric.OpenCircuits:
                return await CircuitsAsync(rule, cancellationToken);
            case AlertMetric.Burn:
                return Burn(rule, await targets.ListAsync(cancellationToken));
            case AlertMetric.BudgetUsed:
                return Budget(rule);
            case AlertMetric.SpendHour:
                return new AlertReading((double)(await SumAsync(rule, TimeSpan.FromHours(1), cancellationToken)).Cost.ToDollars());
            case AlertMetric.SpendDay:
                return new AlertReading((double)(await SumAsync(rule, TimeSpan.FromDays(1), cancellationToken)).Cost.ToDollars());
        }
        UsageSums sums = await SumAsync(rule, TimeSpan.FromMinutes(rule.WindowMinutes), cancellationToken);
        long enough = Math.Max(1, rule.MinimumCalls);
        return rule.Metric switch
        {
            AlertMetric.Requests => new AlertReading(sums.Requests),
            AlertMetric.ErrorRate when sums.Requests >= enough => new AlertReading(100d * sums.Errors / sums.Requests, $"{sums.Errors} of {sums.Requests} calls failed"),
            AlertMetric.Duration when sums.Duration.Count >= enough => new AlertReading(sums.Duration.Percentile(0.95) / 1000d, $"of {sums.Duration.Count} calls"),
            AlertMetric.FirstToken when sums.TimeToFirstToken.Count >= enough => new AlertReading(sums.TimeToFirstToken.Percentile(0.95) / 1000d, $"of {sums.TimeToFirstToken.Count} calls"),
            _ => new AlertReading(null, "too few calls"),
        };
    }

    private async Task<UsageSums> SumAsync(AlertRule rule, TimeSpan window, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        CatalogDefinition all = catalog.Current.Definition;
        var query = new UsageQuery { From = now - window, To = now.AddMinutes(1), ToTheMoment = window <= LongestToTheMoment };
        switch (ScopeOf(rule))
        {
            case ScopeKind.Key:
                query = query with { Terms = [RequestTerm.Is(RequestField.Key, rule.Of)] };
                break;
            case ScopeKind.Model:
                query = query with { Terms = [RequestTerm.Is(RequestField.Model, all.Models.FirstOrDefault(m => m.Id == rule.Of)?.Name ?? rule.Of)] };
                break;
            case ScopeKind.Provider:
                query = query with { Terms = [RequestTerm.Is(RequestField.Provider, all.Providers.FirstOrDefault(p => p.Id == rule.Of)?.Name ?? rule.Of)] };
                break;
            case ScopeKind.Team:
                HashSet<string> keys = [.. all.Keys.Concat(all.RevokedKeys).Where(k => k.Team == rule.Of).Select(k => k.Id)];
                var sums = new UsageSums();
                foreach (UsageGroup group in (await usage.ReadAsync(query with { GroupBy = UsageGrouping.Key }, cancellationToken)).Groups.Where(g => keys.Contains(g.Name)))
                {
                    sums.Add(group.Sums);
                }
                return sums;
        }
        return (await usage.ReadAsync(query, cancellationToken)).Total;
    }

    private AlertReading Budget(AlertRule rule)
    {
        BudgetView? most = budgets.List()
            .Where(b => b.Standing is not null && (ScopeOf(rule) == ScopeKind.Gateway || (b.Scope == rule.Scope && b.Of == rule.Of)))
            .MaxBy(b => b.Standing!.UsedPercent);
        return most is null ? new AlertReading(null, "there is no such budget") : new AlertReading((double)most.Standing!.UsedPercent, most.Name);
    }

    // The worst of the windows, each by its own limit, and only while it goes on.
    private static AlertReading Burn(AlertRule rule, IReadOnlyList<SloView> views)
    {
        AlertReading worst = default;
        foreach (SloView view in views.Where(v => ScopeOf(rule) == ScopeKind.Gateway || v.ModelId == rule.Of))
        {
            foreach (SloObjective objective in view.Objectives)
            {
                foreach (SloBurn burn in objective.Burn.Where(b => b is { Rate: not null, Recent: not null }))
                {
                    double of = Math.Min(burn.Rate!.Value, burn.Recent!.Value) / burn.Limit;
                    // Few calls show no trend, however badly they went.
                    of = burn.Exceeded ? of : Math.Min(of, 0.99);
                    worst = worst.Value is { } known && known >= of
                        ? worst : new AlertReading(of, FormattableString.Invariant($"{view.Model}, {objective.Name}: {burn.Rate:0.#} times too fast over {burn.Window}"));
                }
            }
        }
        return worst.Value is null ? new AlertReading(null, "no target, or no calls") : worst;
    }

    private async Task<AlertReading> CircuitsAsync(AlertRule rule, CancellationToken cancellationToken)
    {
        long now = (long)time.GetElapsedTime(0).TotalMilliseconds;
        Backend[] looked = [.. catalog.Current.Backends.Values.Where(b => Concerns(rule, b))];
        HashSet<string> open = [.. looked.Where(b => b.State.Breaker.StateAt(now) != BreakerState.Closed).Select(b => b.Id)];
        DateTimeOffset begin = time.GetUtcNow() - LookBack;
        await using (GatewayDbContext context = await database.OpenAsync(cancellationToken))
        {
            var others = await context.OperationEvents.AsNoTracking()
                .Where(e => e.At >= begin && e.Node != events.Node && (e.Kind.StartsWith("circuit.") || e.Kind.StartsWith("node.")))
                .OrderBy(e => e.At).ThenBy(e => e.Id).Select(e => new { e.Node, e.Kind, e.SubjectId }).ToListAsync(cancellationToken);
            foreach (var node in others.GroupBy(e => e.Node))
            {
                var there = new HashSet<string>(StringComparer.Ordinal);
                foreach (var happened in node)
                {
                    switch (happened.Kind)
                    {
                        case EventKinds.NodeStart or EventKinds.NodeStop:
                            there.Clear();
                            break;
                        case EventKinds.CircuitClosed:
                            there.Remove(happened.SubjectId);
                            break;
                        default:
                            there.Add(happened.SubjectId);
                            break;
                    }
                }
                open.UnionWith(there.Where(id => looked.Any(b => b.Id == id)));
            }
        }
        return new AlertReading(open.Count, string.Join(", ", looked.Where(b => open.Contains(b.Id)).Select(b => $"{b.Provider.Name} {b.UpstreamModel}").Order(StringComparer.Ordinal)));
    }

    private bool Concerns(AlertRule rule, Backend backend) => ScopeOf(rule) switch
    {
        ScopeKind.Provider => backend.Provider.Id == rule.Of,
        ScopeKind.Model => catalog.Current.Definition.Models.FirstOrDefault(m => m.Id == rule.Of)?.Backends.Any(b => b.Id == backend.Id) == true,
        _ => true,
    };

    private static ScopeKind ScopeOf(AlertRule rule) => ScopeKinds.TryParse(rule.Scope, out ScopeKind kind) ? kind : ScopeKind.Gateway;
}
