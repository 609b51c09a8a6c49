using System.ComponentModel.DataAnnotations;

namespace Gateway.Web.Storage.Rows;

/// <summary>One element of the Data Protection key ring; its key material is wrapped by the master key.</summary>
internal sealed class DataProtectionKeyRow
{
    [MaxLength(64)]
    public required string Id { get; set; }

    [MaxLength(200)]
    public string? FriendlyName { get; set; }
    public required string Xml { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
}
