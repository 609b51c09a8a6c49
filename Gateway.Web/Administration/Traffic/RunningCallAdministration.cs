using Gateway.Core.Catalog;
using Gateway.Core.Live;
using Gateway.Web.Cluster;
using Gateway.Web.Storage;

namespace Gateway.Web.Administration.Traffic;

/// <summary>A call that is being served, as the admin API shows it.</summary>
/// <param name="Node">Which node serves it, where several share a Redis; else null.</param>
/// <param name="OutputTokens">Sent so far, reported or estimated.</param>
/// <param name="TokensPerSecond">Since the first token; null while nothing was sent.</param>
public sealed record RunningCallView(
    Guid Id, string RequestId, DateTimeOffset StartedAt, long AgeMs, string Operation, bool Streamed, string? KeyId, string? KeyName, string? Model, string? Route,
    string? Provider, string? BackendId, int Attempts, long? TimeToFirstTokenMs, long InputTokens, long OutputTokens, double? TokensPerSecond,
    string? Node = null)
{
    internal static RunningCallView Of(RunningCall call, string? node)
    {
        double seconds = (call.Age - (call.TimeToFirstToken ?? TimeSpan.Zero)).TotalSeconds;
        return new RunningCallView(
            call.Id, call.RequestId, call.StartedAt, (long)call.Age.TotalMilliseconds, call.Operation.ToName(), call.Streamed, call.KeyId, call.KeyName, call.Model, call.Route,
            call.Provider, call.BackendId, call.Attempts, (long?)call.TimeToFirstToken?.TotalMilliseconds, call.InputTokens, call.OutputTokens,
            call.OutputTokens > 0 && seconds > 0 ? Math.Round(call.OutputTokens / seconds, 1) : null, node);
    }
}

/// <summary>The calls that are served at this moment, by all nodes that share a Redis, else by this one; and their end by an operator.</summary>
internal sealed class RunningCallAdministration(AdministrationDatabase database, TimeProvider time, RunningCalls? running = null, SharedCalls? others = null)
{
    private const string What = "running call";

    /// <summary>Whether other nodes' calls are shown, too.</summary>
    public bool IsShared => others is not null;

    /// <summary>False while other nodes cannot be asked, where there may be some.</summary>
    public bool IsWhole => others is not { CanAsk: false };

    /// <summary>The oldest first.</summary>
    public async Task<IReadOnlyList<RunningCallView>> ListAsync(CancellationToken cancellationToken)
    {
        IEnumerable<RunningCallView> here = (running?.List() ?? []).Select(c => RunningCallView.Of(c, others?.Node));
        return others is null ? [.. here] : [.. here.Concat(await others.ListAsync(cancellationToken)).OrderByDescending(c => c.AgeMs)];
    }

    /// <summary>Ends a call: its upstream is left, its client told. Nothing is ended that the audit log could not take down.</summary>
    public async Task<AdministrationResult<RunningCallView>> CancelAsync(string id, Actor actor, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out Guid key) || (await ListAsync(cancellationToken)).FirstOrDefault(c => c.Id == key) is not { } view)
        {
            return AdministrationFailure.NotFound(What, id);
        }
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        context.Audit.Add(AuditLog.NewRow(actor, new AuditNote("call.cancel", view.Id.ToString("N"), view.RequestId, view, null), time.GetUtcNow()));
        await context.SaveChangesAsync(cancellationToken);
        if (others is not null && view.Node != others.Node)
        {
            await others.CancelAsync(key);
            return view;
        }
        // It may have ended by itself meanwhile.
        return running?.Cancel(key) == true ? view : AdministrationFailure.NotFound(What, id);
    }
}
