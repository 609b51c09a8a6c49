using Gateway.Core;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Web.Administration.Traffic;
using Gateway.Web.Calls;

namespace Gateway.Web.Administration.SelfService;

/// <summary>Reads what the holder of a key may see: of that key, and nothing of any other.</summary>
internal sealed class OwnKeyReader(
    GatewayCatalog catalog,
    Func<GatewayOptions> options,
    ILimitStore limits,
    UsageQueries usage,
    RequestHistory history,
    BudgetAdministration budgets,
    CallableModels callable,
    TimeProvider time)
{
    private const int MostFailures = 20;

    // For names of models that the catalog has not: beside the database's work.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    /// <param name="window">How far back usage goes.</param>
    /// <exception cref="System.Data.Common.DbException">The database cannot be reached.</exception>
    public async Task<OwnKeyView> ReadAsync(ApiKey key, TimeSpan window, CancellationToken cancellationToken)
    {
        CatalogSnapshot snapshot = catalog.Current;
        GatewayOptions current = options();
        DateTimeOffset now = time.GetUtcNow();
        Task<IReadOnlyList<string>> others = callable.OthersAsync(snapshot, current, key, Patience, cancellationToken);
        var query = new UsageQuery { From = now - window, To = now.AddMinutes(1), Terms = [RequestTerm.Is(RequestField.Key, key.Id)], GroupBy = UsageGrouping.Model, Interval = UsageQuery.IntervalFor(window) };
        UsageReport report = await usage.ReadAsync(query, cancellationToken);
        IReadOnlyList<UsageRecord> failed =
            await history.ListAsync(new RequestQuery { Terms = [RequestTerm.Is(RequestField.Key, key.Id), RequestTerm.Is(RequestField.Error, RequestTerm.Any)], From = query.From }, before: null, MostFailures, cancellationToken);
        ApiKeyDefinition? definition = snapshot.Definition.Keys.FirstOrDefault(k => k.Id == key.Id);
        return new OwnKeyView
        {
            Name = key.Name,
            KeyPrefix = key.Prefix,
            Team = key.Team?.Name,
            Owner = definition?.Owner,
            ExpiresAt = definition?.ExpiresAt,
            ReplacedUntil = key.ExpiresAt != definition?.ExpiresAt ? key.ExpiresAt : null,
            Models = [.. CallableModels.Of(snapshot, current, key).Select(m => m.Name), .. await others],
            Endpoints = key.AllowedEndpoints.ToNames(),
            Networks = definition?.AllowedNetworks ?? [],
            Limits = Limits(key),
            Budgets = [.. (await budgets.OfKeyAsync(key, cancellationToken)).Select(b => new OwnBudget(b.Name, b.Scope, b.Hard, b.Standing))],
            Usage = new UsageView(report, query.From, query.To),
            Failures = [.. failed.Select(r => new OwnFailure(r.StartedAt, r.RequestId, r.RequestedModel, r.Status, r.ErrorKind ?? "", r.ErrorMessage))],
        };
    }

    private List<OwnLimit> Limits(ApiKey key)
    {
        GatewayOptions current = options();
        DateTimeOffset now = time.GetUtcNow();
        var all = new List<OwnLimit>();
        foreach (LimitScope scope in key.Scopes)
        {
            (int rpm, int tpm) = (scope.Rpm ?? current.DefaultRpm, scope.Tpm ?? current.DefaultTpm);
            if (rpm == 0 && tpm == 0 && scope.MaxParallel == 0)
            {
                continue;
            }
            LimitDecision left = limits.Peek(new LimitLease
            {
                Id = Guid.Empty,
                Scopes = [scope],
                DefaultRpm = current.DefaultRpm,
                DefaultTpm = current.DefaultTpm,
                StartedAt = now,
                Deadline = now,
            });
            all.Add(new OwnLimit(scope.Kind.ToName(), rpm, tpm, scope.MaxParallel, rpm > 0 ? left.RemainingRequests : null, tpm > 0 ? left.RemainingTokens : null));
        }
        return all;
    }
}
