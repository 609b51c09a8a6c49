using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;

namespace Gateway.Web.Storage.Rows;

/// <summary>The configuration as it was after one change, so that it can be compared with and gone back to.</summary>
internal sealed class ConfigVersionRow
{
    /// <summary>The catalog's version that the change made.</summary>
    [Key, DatabaseGenerated(DatabaseGeneratedOption.None)]
    public long Version { get; set; }
    public DateTimeOffset At { get; set; }

    [MaxLength(200)]
    public required string Actor { get; set; }

    /// <summary>What was done, in the audit log's words.</summary>
    [MaxLength(500)]
    public required string Note { get; set; }

    /// <summary>The rows of the catalog as compressed JSON; credentials only in their encrypted form.</summary>
    public required byte[] Body { get; set; }
}
