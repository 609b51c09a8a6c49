using System.Globalization;
using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Web.Administration.Budgets;
using Gateway.Web.Storage.Catalog;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration;

/// <summary>Budgets: what keys, teams, models, providers and the whole gateway may cost. Lists are as of the catalog in force.</summary>
internal sealed class BudgetAdministration(CatalogSources sources, CatalogChanges changes, GatewayCatalog catalog, BudgetForecasts forecasts, TimeProvider time)
{
    private const string What = "budget";

    private static readonly AdministrationFailure NotOfTheirs = new(
        AdministrationOutcome.Forbidden, [new CatalogError("of", "Choose one of your teams, or a key of theirs: you are operator of those only.")]);

    /// <summary>All, ordered by name.</summary>
    public IReadOnlyList<BudgetView> List() =>
        [.. All().Select(b => View(b, sources.File, sources.Database.Definition)).OrderBy(b => b.Name, StringComparer.Ordinal)];

    /// <summary>Those that <paramref name="viewer"/> is to see: an operator of some teams sees theirs and their keys'.</summary>
    public IEnumerable<BudgetView> List(Actor viewer) => List().Where(b => viewer.Teams is null
        || (ScopeKinds.TryParse(b.Scope, out ScopeKind kind) && viewer.IsOperatorOf(ScopeNames.TeamOf(sources.File, sources.Database.Definition, kind, b.Of))));

    public AdministrationResult<BudgetView> Get(string id) =>
        All().FirstOrDefault(b => b.Id == id) is { } budget ? View(budget, sources.File, sources.Database.Definition) : AdministrationFailure.NotFound(What, id);

    /// <summary>
    /// Those that <paramref name="viewer"/> is to see, once it is known how fast they are spent. Where the database is away,
    /// forecasts go by what was known before.
    /// </summary>
    /// <param name="viewer">Null sees all.</param>
    public async Task<IReadOnlyList<BudgetView>> ListAsync(Actor? viewer, CancellationToken cancellationToken)
    {
        await forecasts.LearnAsync(cancellationToken);
        return viewer is null ? List() : [.. List(viewer)];
    }

    /// <summary>Those in use of a key and of its team, ordered by name.</summary>
    public async Task<IReadOnlyList<BudgetView>> OfKeyAsync(ApiKey key, CancellationToken cancellationToken)
    {
        await forecasts.LearnAsync(cancellationToken);
        (CatalogDefinition file, CatalogDefinition database) = (sources.File, sources.Database.Definition);
        return [.. All().Where(b => b.Active && IsOf(b)).Select(b => View(b, file, database)).OrderBy(b => b.Name, StringComparer.Ordinal)];

        bool IsOf(BudgetDefinition budget) => ScopeNames.Find(file, database, budget.Scope, budget.Of)?.Id is { } id
            && (budget.Scope == ScopeKind.Key ? id == key.Id : budget.Scope == ScopeKind.Team && id == key.Team?.Id);
    }

    /// <summary>What is left over the window, and when it will be spent.</summary>
    /// <exception cref="System.Data.Common.DbException">The database cannot be reached.</exception>
    public async Task<AdministrationResult<BudgetForecastView>> ForecastAsync(string id, CancellationToken cancellationToken) =>
        All().FirstOrDefault(b => b.Id == id) is { } budget ? await forecasts.ReadAsync(budget, cancellationToken) : AdministrationFailure.NotFound(What, id);

    public Task<AdministrationResult<BudgetView>> CreateAsync(BudgetChange change, Actor actor, CancellationToken cancellationToken) =>
        changes.ApplyAsync<BudgetView>(actor, edit => Task.FromResult(Add(edit, change, actor)), cancellationToken, ofTeams: true);

    /// <summary>A new budget within an edit, such as that of a key that is issued with it.</summary>
    internal AdministrationResult<BudgetView> Add(CatalogEdit edit, BudgetChange change, Actor actor)
    {
        var row = new BudgetRow
        {
            Id = edit.NewId(),
            Name = edit.RequiredName(change.Name),
            Scope = "",
            Of = "",
            Period = BudgetPeriod.Month.ToName(),
            CreatedAt = edit.Now,
        };
        if (change.AmountUsd.Value is null)
        {
            edit.Error("amount_usd", "A budget needs an amount in dollars.");
        }
        if (!change.Scope.HasValue)
        {
            edit.Error("scope", $"One of {string.Join(", ", ScopeKinds.All)}.");
        }
        if (IsTaken(edit, row))
        {
            return AdministrationFailure.NameTaken(What, row.Name);
        }
        BudgetView view = Save(edit, row, change, null);
        if (!IsOperatorOf(actor, edit, row))
        {
            return NotOfTheirs;
        }
        edit.Database.Budgets.Add(row);
        return view;
    }

    /// <summary>The name, with a number where there is a budget of that name.</summary>
    internal static string FreeName(CatalogEdit edit, string name)
    {
        var taken = edit.File.Budgets.Concat(edit.Definition.Budgets).Select(b => b.Name).ToHashSet(StringComparer.Ordinal);
        string free = name;
        for (int number = 2; taken.Contains(free); number++)
        {
            free = string.Create(CultureInfo.InvariantCulture, $"{name} {number}");
        }
        return free;
    }

    public Task<AdministrationResult<BudgetView>> UpdateAsync(string id, BudgetChange change, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync(id, actor, (edit, row) =>
        {
            BudgetView before = View(CatalogRowReader.Read(row), edit.File, edit.Definition);
            row.Name = change.Name.HasValue ? edit.RequiredName(change.Name) : row.Name;
            if (IsTaken(edit, row))
            {
                return AdministrationFailure.NameTaken(What, row.Name);
            }
            BudgetView after = Save(edit, row, change, before);
            return IsOperatorOf(actor, edit, row) ? after : NotOfTheirs;
        }, cancellationToken);

    public Task<AdministrationResult<BudgetView>> DeleteAsync(string id, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync(id, actor, (edit, row) =>
        {
            BudgetView before = View(CatalogRowReader.Read(row), edit.File, edit.Definition);
            edit.Database.Budgets.Remove(row);
            edit.Definition = edit.Definition with { Budgets = edit.Definition.Budgets.Without(id, b => b.Id) };
            edit.Audit("budget.delete", row.Id, row.Name, before, null);
            return before;
        }, cancellationToken);

    private Task<AdministrationResult<BudgetView>> ChangeAsync(
        string id, Actor actor, Func<CatalogEdit, BudgetRow, AdministrationResult<BudgetView>> change, CancellationToken cancellationToken) =>
        changes.ApplyAsync<BudgetView>(actor, async edit =>
        {
            if (edit.File.Budgets.FirstOrDefault(b => b.Id == id) is { } declared)
            {
                return AdministrationFailure.ReadOnly(What, declared.Name);
            }
            BudgetRow? row = await edit.Database.Budgets.FirstOrDefaultAsync(b => b.Id == id, cancellationToken);
            return row is null ? AdministrationFailure.NotFound(What, id)
                : !IsOperatorOf(actor, edit, row) ? AdministrationFailure.Forbidden
                : change(edit, row);
        }, cancellationToken, ofTeams: true);

    private static bool IsOperatorOf(Actor actor, CatalogEdit edit, BudgetRow row) =>
        actor.Teams is null || (ScopeKinds.TryParse(row.Scope, out ScopeKind kind) && actor.IsOperatorOf(ScopeNames.TeamOf(edit.File, edit.Definition, kind, row.Of)));

    private static bool IsTaken(CatalogEdit edit, BudgetRow row) =>
        edit.File.Budgets.Concat(edit.Definition.Budgets).Any(b => b.Id != row.Id && b.Name == row.Name);

    private BudgetView Save(CatalogEdit edit, BudgetRow row, BudgetChange change, BudgetView? before)
    {
        if (change.Scope.HasValue || change.Of.HasValue)
        {
            SetScope(edit, row, change);
        }
        row.Amount = change.AmountUsd.Or(row.Amount) ?? row.Amount;
        if (change.Period.HasValue)
        {
            row.Period = BudgetPeriods.TryParse(change.Period.Value, out BudgetPeriod period) ? period.ToName() : row.Period;
            if (!BudgetPeriods.TryParse(change.Period.Value, out _))
            {
                edit.Error("period", $"One of {string.Join(", ", BudgetPeriods.All)}.");
            }
        }
        row.TimeZone = change.TimeZone.HasValue ? edit.Limited("time_zone", change.TimeZone.Value, 64) : row.TimeZone;
        row.StartsAt = change.StartsAt.Or(row.StartsAt);
        row.EndsAt = change.EndsAt.Or(row.EndsAt);
        row.Hard = change.Hard.Or(row.Hard) ?? true;
        row.Extra = change.ExtraUsd.Or(row.Extra) ?? NanoUsd.Zero;
        row.ExtraUntil = change.ExtraUntil.Or(row.ExtraUntil);
        row.Active = change.Active.Or(row.Active) ?? true;
        row.UpdatedAt = edit.Now;
        BudgetDefinition budget = CatalogRowReader.Read(row);
        edit.Definition = edit.Definition with { Budgets = edit.Definition.Budgets.With(budget, b => b.Id) };
        BudgetView after = View(budget, edit.File, edit.Definition);
        edit.Audit(before is null ? "budget.create" : "budget.update", row.Id, row.Name, before is null ? null : before with { Standing = null }, after with { Standing = null });
        return after;
    }

    private static void SetScope(CatalogEdit edit, BudgetRow row, BudgetChange change)
    {
        string? given = change.Scope.HasValue ? change.Scope.Value : row.Scope;
        if (!ScopeKinds.TryParse(given, out ScopeKind kind))
        {
            edit.Error("scope", $"One of {string.Join(", ", ScopeKinds.All)}.");
            return;
        }
        string? of = change.Of.HasValue ? change.Of.Value : row.Of;
        if (ScopeNames.Find(edit.File, edit.Definition, kind, of) is not { } found)
        {
            edit.Error("of", $"There is no {kind.ToName()} \"{of}\".");
            return;
        }
        (row.Scope, row.Of) = (kind.ToName(), found.Id);
    }

    private IEnumerable<BudgetDefinition> All() => sources.File.Budgets.Concat(sources.Database.Definition.Budgets);

    private BudgetView View(BudgetDefinition b, CatalogDefinition file, CatalogDefinition database)
    {
        (string Id, string Name)? found = ScopeNames.Find(file, database, b.Scope, b.Of);
        return new BudgetView
        {
            Id = b.Id,
            Name = b.Name,
            Scope = b.Scope.ToName(),
            Of = found?.Id ?? b.Of,
            OfName = found?.Name ?? b.Of,
            AmountUsd = b.Amount,
            Period = b.Period.ToName(),
            TimeZone = b.TimeZone,
            StartsAt = b.From,
            EndsAt = b.Until,
            Hard = b.Hard,
            ExtraUsd = b.Extra,
            ExtraUntil = b.ExtraUntil,
            Active = b.Active,
            Standing = StandingOf(b.Id),
            Source = b.Source,
        };
    }

    private BudgetStanding? StandingOf(string id)
    {
        if (!catalog.Current.Budgets.TryGetValue(id, out Budget? budget))
        {
            return null;
        }
        DateTimeOffset now = time.GetUtcNow();
        BudgetState state = budget.Meter.Read(budget, now);
        DateTimeOffset? spentBy = forecasts.SpentBy(budget, state, now, out bool isKnown);
        return new BudgetStanding(
            state.Window.Start == DateTimeOffset.MinValue ? null : state.Window.Start,
            state.Window.End == DateTimeOffset.MaxValue ? null : state.Window.End,
            state.Amount,
            state.Spent,
            state.Reserved,
            state.Remaining,
            state.Amount.Value == 0 ? 100 : decimal.Round((decimal)state.Spent.Value * 100 / state.Amount.Value, 1),
            spentBy,
            isKnown);
    }
}
