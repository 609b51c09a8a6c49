using Gateway.Core.Catalog;
using Gateway.Web.Administration.Configuration;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Catalog;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Gateway.Web.Administration;

/// <summary>
/// The one way in which the catalog is changed: check the whole, save the row with its audit entry and the version it makes in one transaction, put
/// it in force here, all before the caller gets its answer; and other nodes are told. Changes follow each other, on all nodes: the version row is a
/// concurrency token.
/// </summary>
internal sealed class CatalogChanges(
    IDbContextFactory<GatewayDbContext> contexts,
    GatewayDatabase database,
    CatalogSources sources,
    CatalogSignal signal,
    CatalogRowReader rows,
    DatabaseReady ready,
    TimeProvider time)
    : IDisposable
{
    // Of whoever stands behind others, here or on other nodes; longer than SQLite's with its one writer.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(12);

    private readonly SemaphoreSlim _oneAtATime = new(1, 1);

    /// <param name="change">May run again from the start when another node was quicker.</param>
    /// <param name="whenRefused"><see cref="AdministrationOutcome.Conflict"/> for deletions, which the catalog refuses when something refers to the entry.</param>
    /// <param name="ofTeams">Whether operators of some teams only may ask; <paramref name="change"/> then looks whose the entry is.</param>
    public async Task<AdministrationResult<T>> ApplyAsync<T>(
        Actor actor,
        Func<CatalogEdit, Task<AdministrationResult<T>>> change,
        CancellationToken cancellationToken,
        AdministrationOutcome whenRefused = AdministrationOutcome.Invalid,
        bool ofTeams = false)
    {
        if (actor.Teams is not null && !ofTeams)
        {
            return AdministrationFailure.Forbidden;
        }
        long start = time.GetTimestamp();
        bool entered = false;
        try
        {
            await ready.WaitForAnswerAsync(cancellationToken);
            entered = await _oneAtATime.WaitAsync(Patience, cancellationToken);
            if (!entered)
            {
                return AdministrationFailure.Unavailable;
            }
            // All others wait behind this one.
            await database.EnsureAnswersAsync(time, cancellationToken);
            while (true)
            {
                try
                {
                    return await TryApplyAsync(actor, change, whenRefused, cancellationToken);
                }
                catch (DbUpdateConcurrencyException) when (time.GetElapsedTime(start) < Patience)
                {
                    // Another node changed the catalog in between: look at what it is now.
                }
            }
        }
        catch (DbUpdateConcurrencyException)
        {
            return AdministrationFailure.Unavailable;
        }
        catch (Exception e) when (DatabaseErrors.IsFromDatabase(e))
        {
            return AdministrationFailure.UnavailableBecause(e);
        }
        finally
        {
            if (entered)
            {
                _oneAtATime.Release();
            }
        }
    }

    public void Dispose() => _oneAtATime.Dispose();

    private async Task<AdministrationResult<T>> TryApplyAsync<T>(
        Actor actor, Func<CatalogEdit, Task<AdministrationResult<T>>> change, AdministrationOutcome whenRefused, CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        CatalogVersionRow version = await context.CatalogVersions.SingleAsync(cancellationToken);
        if (version.Version != sources.Database.Version)
        {
            await context.Database.OpenConnectionAsync(cancellationToken);
            await sources.ReplaceDatabaseLeavingOutInvalidAsync(await DatabaseCatalog.ReadAsync(context.Database.GetDbConnection(), rows, cancellationToken));
        }
        var edit = new CatalogEdit(context, sources.Database.Definition, sources.File, time.GetUtcNow());
        if (actor.Condition?.Holds(edit.Definition) == false)
        {
            return AdministrationFailure.NotAsRead;
        }
        AdministrationResult<T> result = await change(edit);
        if (!result.IsDone)
        {
            return result;
        }
        if (await LostUpdates.FindAsync(context, actor, edit.Notes, cancellationToken) is { } lost)
        {
            return lost;
        }
        CatalogError[] errors = [.. edit.Errors, .. await sources.CheckAsync(edit.Definition, cancellationToken)];
        if (errors.Length > 0)
        {
            return whenRefused == AdministrationOutcome.Conflict
                ? new AdministrationFailure(whenRefused, [.. errors.Select(e => e with { Message = "This still refers to it; change it first." })])
                : AdministrationFailure.Invalid(errors);
        }
        await using IDbContextTransaction transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await VersionKeeping.KeepFoundAsync(context, version.Version, edit.Now, cancellationToken);
        version.Version++;
        context.Audit.AddRange(edit.Notes.Select(n => AuditLog.NewRow(actor, n, edit.Now)));
        await context.SaveChangesAsync(cancellationToken);
        if (edit.Note is not null)
        {
            await VersionKeeping.KeepAsync(context, version.Version, actor, edit.Note, edit.Now, cancellationToken);
        }
        // Whoever asked may leave now, but not between what was saved and what is in force.
        await transaction.CommitAsync(CancellationToken.None);
        await sources.ReplaceDatabaseAsync(sources.Database.After(version.Version, edit.Definition));
        signal.Announce(version.Version);
        return result;
    }
}
