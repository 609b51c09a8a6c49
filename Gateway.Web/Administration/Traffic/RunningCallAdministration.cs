using Gateway.Core.Catalog;
using Gateway.Core.Live;
using Gateway.Web.Storage;

namespace Gateway.Web.Administration.Traffic;

/// <summary>A call that is being served by this process, as the admin API shows it.</summary>
/// <param name="OutputTokens">Sent so far, reported or estimated.</param>
/// <param name="TokensPerSecond">Since the first token; null while nothing was sent.</param>
/// <param name="Cancellable">False for what is passed through.</param>
public sealed record RunningCallView(
    Guid Id, string RequestId, DateTimeOffset StartedAt, long AgeMs, string Operation, bool Streamed, string? KeyId, string? KeyName, string? Model, string? Route,
    string? Provider, string? BackendId, int Attempts, long? TimeToFirstTokenMs, long InputTokens, long OutputTokens, double? TokensPerSecond, bool Cancellable);

/// <summary>The calls that this node serves at this moment, and their end by an operator.</summary>
internal sealed class RunningCallAdministration(AdministrationDatabase database, TimeProvider time, RunningCalls? running = null)
{
    private const string What = "running call";

    /// <summary>The oldest first.</summary>
    public IReadOnlyList<RunningCallView> List() => [.. (running?.List() ?? []).Select(View)];

    /// <summary>Ends a call: its upstream is left, its client told. Nothing is ended that the audit log could not take down.</summary>
    public async Task<AdministrationResult<RunningCallView>> CancelAsync(string id, Actor actor, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out Guid key) || running?.List().FirstOrDefault(c => c.Id == key) is not { } call)
        {
            return AdministrationFailure.NotFound(What, id);
        }
        if (!call.Cancellable)
        {
            return AdministrationFailure.Invalid("", "This call is passed through as it is and cannot be ended here.");
        }
        RunningCallView view = View(call);
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        context.Audit.Add(AuditLog.NewRow(actor, new AuditNote("call.cancel", view.Id.ToString("N"), view.RequestId, view, null), time.GetUtcNow()));
        await context.SaveChangesAsync(cancellationToken);
        // It may have ended by itself meanwhile.
        return running.Cancel(key) ? view : AdministrationFailure.NotFound(What, id);
    }

    private static RunningCallView View(RunningCall call)
    {
        double seconds = (call.Age - (call.TimeToFirstToken ?? TimeSpan.Zero)).TotalSeconds;
        return new RunningCallView(
            call.Id, call.RequestId, call.StartedAt, (long)call.Age.TotalMilliseconds, call.Operation.ToName(), call.Streamed, call.KeyId, call.KeyName, call.Model, call.Route,
            call.Provider, call.BackendId, call.Attempts, (long?)call.TimeToFirstToken?.TotalMilliseconds, call.InputTokens, call.OutputTokens,
            call.OutputTokens > 0 && seconds > 0 ? Math.Round(call.OutputTokens / seconds, 1) : null, call.Cancellable);
    }
}
