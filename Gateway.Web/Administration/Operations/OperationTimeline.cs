using System.Text.Json;
using Gateway.Web.Health;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration.Operations;

/// <summary>What happened, in order: the events of all nodes, and the changes that people made of the configuration.</summary>
internal sealed class OperationTimeline(AdministrationDatabase database)
{
    private const int Most = 2000;

    // Faults come with their ends as events, from the node that they were on.
    private const string FaultActions = "chaos.";

    /// <summary>The newest first.</summary>
    public async Task<IReadOnlyList<EventView>> ListAsync(EventQuery query, CancellationToken cancellationToken)
    {
        int limit = Math.Clamp(query.Limit, 1, Most);
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        IEnumerable<EventView> events = query.Kind == EventKinds.Configuration ? [] : await EventsAsync(context, query, limit, cancellationToken);
        IEnumerable<EventView> changes = query.Kind is null or EventKinds.Configuration ? await ChangesAsync(context, query, limit, cancellationToken) : [];
        return [.. events.Concat(changes).OrderByDescending(e => e.Id, StringComparer.Ordinal).Take(limit)];
    }

    private static async Task<IEnumerable<EventView>> EventsAsync(GatewayDbContext context, EventQuery query, int limit, CancellationToken cancellationToken)
    {
        IQueryable<OperationEventRow> rows = context.OperationEvents.AsNoTracking();
        if (query.From is { } from)
        {
            rows = rows.Where(r => r.At >= from);
        }
        if (query.To is { } to)
        {
            rows = rows.Where(r => r.At < to);
        }
        if (query.Kind is { } kind)
        {
            string family = kind + ".";
            rows = rows.Where(r => r.Kind == kind || r.Kind.StartsWith(family));
        }
        if (query.Subject is { } subject)
        {
            rows = rows.Where(r => r.SubjectId == subject);
        }
        if (query.After is { } after)
        {
            rows = rows.Where(r => r.Id.CompareTo(after) < 0);
        }
        List<OperationEventRow> found = await rows.OrderByDescending(r => r.Id).Take(limit).ToListAsync(cancellationToken);
        return found.Select(View);
    }

    private static async Task<IEnumerable<EventView>> ChangesAsync(GatewayDbContext context, EventQuery query, int limit, CancellationToken cancellationToken)
    {
        IQueryable<AuditRow> rows = context.Audit.AsNoTracking().Where(r => !r.Action.StartsWith(FaultActions));
        if (query.From is { } from)
        {
            rows = rows.Where(r => r.At >= from);
        }
        if (query.To is { } to)
        {
            rows = rows.Where(r => r.At < to);
        }
        if (query.Subject is { } subject)
        {
            rows = rows.Where(r => r.EntityId == subject);
        }
        if (query.After is { } after)
        {
            rows = rows.Where(r => r.Id.CompareTo(after) < 0);
        }
        var found = await rows.OrderByDescending(r => r.Id).Take(limit)
            .Select(r => new { r.Id, r.At, r.Actor, r.Action, r.EntityId, r.EntityName }).ToListAsync(cancellationToken);
        // What a change made is a version of the configuration, kept under the very instant of the change.
        DateTimeOffset[] times = [.. found.Select(f => f.At).Distinct()];
        Dictionary<DateTimeOffset, long> versions = (await context.ConfigVersions.AsNoTracking().Where(v => times.Contains(v.At)).Select(v => new { v.At, v.Version }).ToListAsync(cancellationToken))
            .GroupBy(v => v.At).ToDictionary(g => g.Key, g => g.Max(v => v.Version));
        return found.Select(f => new EventView(
            f.Id, f.At, EventKinds.Configuration, "", f.EntityId, f.EntityName,
            $"{f.Actor}: {f.Action} {f.EntityName}{(versions.TryGetValue(f.At, out long version) ? $" (configuration version {version})" : "")}",
            f.Actor, new Dictionary<string, string?> { ["action"] = f.Action }));
    }

    private static EventView View(OperationEventRow row)
    {
        Dictionary<string, string?> detail = JsonSerializer.Deserialize<Dictionary<string, string?>>(row.DetailJson) ?? [];
        return new EventView(
            row.Id, row.At, row.Kind, row.Node, row.SubjectId, row.SubjectName,
            EventText.Of(row.Kind, row.SubjectName, detail.GetValueOrDefault(OperationEvent.Cause)), detail.GetValueOrDefault("by"), detail);
    }
}
