using System.Text.Json;

namespace Gateway.Web.Administration;

/// <summary>One entry of the audit log.</summary>
/// <param name="Action">For example <c>model.create</c>.</param>
/// <param name="Before">Null when the entity did not exist.</param>
/// <param name="After">Null when it does not exist any more.</param>
public sealed record AuditView(
    string Id,
    DateTimeOffset At,
    string Actor,
    string Action,
    string EntityId,
    string EntityName,
    JsonElement? Before,
    JsonElement? After);

/// <summary>Which entries to list, newest first.</summary>
/// <param name="After">Id of the last entry of the page before; null for the first page.</param>
/// <param name="Limit">1 to 1001.</param>
internal sealed record AuditQuery(string? Actor = null, string? Action = null, string? EntityId = null, string? After = null, int Limit = 100);
