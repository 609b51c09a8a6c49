using System.ComponentModel.DataAnnotations;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Storage.Rows;

/// <summary>Something that happened to the running gateway and belongs in an incident's story: a circuit that opened, an alert that fired.</summary>
[Index(nameof(At), nameof(Id))]
internal sealed class OperationEventRow
{
    /// <summary>A version 7 UUID in its plain form of 32 digits: sorts by time.</summary>
    [MaxLength(32)]
    public required string Id { get; set; }
    public DateTimeOffset At { get; set; }

    [MaxLength(64)]
    public required string Node { get; set; }

    /// <summary>For example <c>circuit.open</c>.</summary>
    [MaxLength(64)]
    public required string Kind { get; set; }

    /// <summary>The id of what it happened to.</summary>
    [MaxLength(256)]
    public required string SubjectId { get; set; }

    [MaxLength(256)]
    public required string SubjectName { get; set; }

    /// <summary>A JSON object.</summary>
    public string DetailJson { get; set; } = "{}";
}
