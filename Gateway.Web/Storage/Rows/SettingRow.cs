using System.ComponentModel.DataAnnotations;

namespace Gateway.Web.Storage.Rows;

/// <summary>A value that the gateway itself keeps, such as the hash of the local administrator's password.</summary>
internal sealed class SettingRow
{
    [Key, MaxLength(100)]
    public required string Key { get; set; }
    public required string Value { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }
}
