using System.ComponentModel.DataAnnotations;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Storage.Rows;

/// <summary>One change that an operator made.</summary>
[Index(nameof(At), nameof(Id))]
internal sealed class AuditRow
{
    /// <summary>A version 7 UUID in its plain form of 32 digits: sorts by time.</summary>
    [MaxLength(32)]
    public required string Id { get; set; }
    public DateTimeOffset At { get; set; }

    /// <summary>Who, for example <c>admin-key</c> or <c>local:admin</c>.</summary>
    [MaxLength(200)]
    public required string Actor { get; set; }

    /// <summary>What was done, for example <c>model.create</c>.</summary>
    [MaxLength(64)]
    public required string Action { get; set; }

    [MaxLength(64)]
    public required string EntityId { get; set; }

    [MaxLength(200)]
    public required string EntityName { get; set; }

    /// <summary>The entity as JSON without secrets; null when it did not exist.</summary>
    public string? BeforeJson { get; set; }

    /// <summary>The entity as JSON without secrets; null when it does not exist any more.</summary>
    public string? AfterJson { get; set; }
}
