using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Captures;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration.Captures;

/// <summary>
/// What was said in calls, for operators, and for operators of some teams where the key is one of theirs. The audit log has
/// who looked at which call, once for each.
/// </summary>
internal sealed class CapturedCalls(AdministrationDatabase database, CapturedBody bodies, CaptureWriter writer, TimeProvider time)
{
    private const string Read = "content.read";

    private static readonly AdministrationFailure Forbidden = new(
        AdministrationOutcome.Forbidden, [new CatalogError("", "You are operator of some teams only, and may read what was said with their keys. Ask an operator of the whole gateway.")]);

    private static readonly AdministrationFailure NotKept = new(
        AdministrationOutcome.NotFound, [new CatalogError("", "What was said in this call is not kept, or not any more.")]);

    private static readonly AdministrationFailure Sealed = new(
        AdministrationOutcome.Conflict, [new CatalogError("", "What was said in this call cannot be decrypted: it was kept under another master key.")]);

    /// <summary>Takes down that somebody looks, and shows it.</summary>
    public async Task<AdministrationResult<CapturedCallView>> ReadAsync(UsageRecord call, Actor actor, CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        if (await FindAsync(context, call, cancellationToken) is not { } row)
        {
            return NotKept;
        }
        if (!actor.IsOperatorOf(await TeamAsync(context, row, cancellationToken)))
        {
            return Forbidden;
        }
        if (bodies.TryUnpack(row.Body) is not { } content)
        {
            return Sealed;
        }
        if (!await context.Audit.AnyAsync(a => a.EntityId == row.Id && a.Action == Read && a.Actor == actor.Name, cancellationToken))
        {
            context.Audit.Add(AuditLog.NewRow(actor, new AuditNote(Read, row.Id, call.RequestId, null, new { call.KeyName, call.Model }), time.GetUtcNow()));
            await context.SaveChangesAsync(cancellationToken);
        }
        return new CapturedCallView(
            call.Id, row.KeyId, row.At, row.ExpiresAt,
            content.Request, content.RequestBytes, content.RequestCut, content.Answer, content.AnswerBytes, content.AnswerCut,
            HeadersOf(content.RequestHeaders), HeadersOf(content.AnswerHeaders));
    }

    /// <summary>Deletes what was said before its time; the record stays.</summary>
    public Task<AdministrationResult<UsageRecord>> DeleteAsync(UsageRecord call, Actor actor, CancellationToken cancellationToken) => AdministrationDatabase.TryAsync<UsageRecord>(async () =>
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        if (await FindAsync(context, call, cancellationToken) is not { } row)
        {
            return NotKept;
        }
        if (!actor.IsOperatorOf(await TeamAsync(context, row, cancellationToken)))
        {
            return Forbidden;
        }
        context.CapturedCalls.Remove(row);
        context.Audit.Add(AuditLog.NewRow(actor, new AuditNote("content.delete", row.Id, call.RequestId, new { call.KeyName, call.Model }, null), time.GetUtcNow()));
        await context.SaveChangesAsync(cancellationToken);
        return call;
    });

    public async Task<CapturedSum> SumAsync(CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        long calls = await context.CapturedCalls.LongCountAsync(cancellationToken);
        long bytes = await context.CapturedCalls.SumAsync(c => (long)c.Body.Length, cancellationToken);
        return new CapturedSum(calls, bytes, writer.Dropped);
    }

    private static CapturedHeader[]? HeadersOf(IReadOnlyList<KeyValuePair<string, string>>? headers) => headers?.Select(h => new CapturedHeader(h.Key, h.Value)).ToArray();

    private Task<CapturedCallRow?> FindAsync(GatewayDbContext context, UsageRecord call, CancellationToken cancellationToken)
    {
        string id = call.Id.ToString("N");
        DateTimeOffset now = time.GetUtcNow();
        return context.CapturedCalls.FirstOrDefaultAsync(c => c.Id == id && c.ExpiresAt > now, cancellationToken);
    }

    private static Task<string?> TeamAsync(GatewayDbContext context, CapturedCallRow row, CancellationToken cancellationToken) =>
        context.ApiKeys.Where(k => k.Id == row.KeyId).Select(k => k.Team).FirstOrDefaultAsync(cancellationToken);
}
