using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;

namespace Gateway.Web.Storage.Rows;

/// <summary>
/// The single row that grows with every change of the catalog: nodes poll it, and as a concurrency token it makes two
/// changes made at once on two nodes follow each other.
/// </summary>
internal sealed class CatalogVersionRow
{
    public const int TheOnlyId = 1;

    [DatabaseGenerated(DatabaseGeneratedOption.None)]
    public int Id { get; set; } = TheOnlyId;

    [ConcurrencyCheck]
    public long Version { get; set; }
}
