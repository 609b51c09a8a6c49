using System.Collections.Concurrent;
using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Web.Storage;

namespace Gateway.Web.Administration.Budgets;

/// <summary>
/// When budgets will be spent. How fast their scopes spend is learnt from recorded calls and kept for a few minutes, so that
/// lists can tell it at any time; what is spent now is counted in memory.
/// </summary>
internal sealed class BudgetForecasts(GatewayCatalog catalog, SpendReader spending, TimeProvider time) : IDisposable
{
    /// <summary>How old what was learnt may be.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(5);

    // The first day is known in part only.
    private static readonly TimeSpan LookBack = TimeSpan.FromDays(SpendPace.MostDays + 2);

    /// <summary>How far a burn-down goes back where a window has no start, or a long time ago.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(400);

    private readonly ConcurrentDictionary<string, (LimitScope Scope, SpendPace? Pace)> _paces = new();
    private readonly SemaphoreSlim _learning = new(1);
    private DateTimeOffset _learntAt = DateTimeOffset.MinValue;

    /// <summary>Learns how fast all budgets are spent, unless that is known. A database that is away leaves what was known.</summary>
    public async Task LearnAsync(CancellationToken cancellationToken)
    {
        await _learning.WaitAsync(cancellationToken);
        try
        {
            CatalogSnapshot current = catalog.Current;
            (Budget Budget, LimitScope Scope)[] all = [.. current.Scopes.Values.SelectMany(s => s.Budgets.Select(b => (b, s)))];
            DateTimeOffset now = time.GetUtcNow();
            if (now < _learntAt + Fresh && all.All(b => _paces.TryGetValue(b.Budget.Id, out var known) && IsSame(known.Scope, b.Scope)))
            {
                return;
            }
            LimitScope[] scopes = [.. all.Select(b => b.Scope).Distinct()];
            IReadOnlyList<SpendHour[]> hours = all.Length == 0 ? [] : await spending.ReadAsync(scopes, current, now - LookBack, now, cancellationToken);
            _paces.Clear();
            foreach ((Budget budget, LimitScope scope) in all)
            {
                _paces[budget.Id] = (scope, SpendPace.Learn(hours[Array.IndexOf(scopes, scope)], budget.Zone, now));
            }
            _learntAt = now;
        }
        catch (Exception e) when (DatabaseErrors.IsFromDatabase(e) || e is IOException)
        {
            // Forecasts stay as they were, and there is none where nothing was known.
        }
        finally
        {
            _learning.Release();
        }
    }

    /// <summary>When it will be spent, by what is known now; null when it will last or too little is known.</summary>
    /// <param name="isKnown">False when too little is known.</param>
    public DateTimeOffset? SpentBy(Budget budget, in BudgetState state, DateTimeOffset now, out bool isKnown)
    {
        isKnown = true;
        if (state.Spent.Value >= state.Amount.Value)
        {
            return now;
        }
        SpendPace? pace = state.Spent.Value > 0 && state.Window.Contains(now) ? _paces.GetValueOrDefault(budget.Id).Pace : null;
        isKnown = pace is not null;
        return pace is null ? null : new BudgetOutlook(budget, state, pace, now).SpentBy;
    }

    /// <summary>The course of one budget's window. Reads the recorded calls anew.</summary>
    /// <exception cref="System.Data.Common.DbException">The database cannot be reached.</exception>
    public async Task<BudgetForecastView> ReadAsync(BudgetDefinition definition, CancellationToken cancellationToken)
    {
        CatalogSnapshot current = catalog.Current;
        LimitScope? scope = current.Scopes.Values.FirstOrDefault(s => s.Budgets.Any(b => b.Id == definition.Id));
        if (scope is null || !current.Budgets.TryGetValue(definition.Id, out Budget? budget))
        {
            return BurnDown.NotInForce(definition);
        }
        DateTimeOffset now = time.GetUtcNow();
        BudgetState state = budget.Meter.Read(budget, now);
        DateTimeOffset start = BurnDown.StartOf(state.Window, now, Longest);
        DateTimeOffset learnFrom = now - LookBack;
        SpendHour[] hours = (await spending.ReadAsync([scope], current, start < learnFrom ? start : learnFrom, now, cancellationToken))[0];
        SpendPace? pace = SpendPace.Learn([.. hours.Where(h => h.At >= learnFrom)], budget.Zone, now);
        _paces[budget.Id] = (scope, pace);
        return new BurnDown(budget, state, now, start, hours, pace).ToView();
    }

    public void Dispose() => _learning.Dispose();

    private static bool IsSame(LimitScope one, LimitScope other) => (one.Kind, one.Id) == (other.Kind, other.Id);
}
