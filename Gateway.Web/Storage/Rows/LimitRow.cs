using System.ComponentModel.DataAnnotations;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Storage.Rows;

/// <summary>What a team, model, provider or the whole gateway may use; a key's limits stand in its own row.</summary>
[PrimaryKey(nameof(Scope), nameof(Of))]
internal sealed class LimitRow
{
    /// <summary>A name of <c>ScopeKinds</c>.</summary>
    [MaxLength(16)]
    public required string Scope { get; set; }

    /// <summary>The id of the team, model or provider, which may be declared in a file; empty for the gateway.</summary>
    [MaxLength(64)]
    public required string Of { get; set; }
    public int Rpm { get; set; }
    public int Tpm { get; set; }
    public int MaxParallel { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>What <see cref="Read"/> reads, in its order.</summary>
    internal static readonly string[] Columns = ["scope", "of", "rpm", "tpm", "max_parallel", "updated_at"];

    internal static LimitRow Read(RowReader r) => new()
    {
        Scope = r.Text(),
        Of = r.Text(),
        Rpm = r.Int(),
        Tpm = r.Int(),
        MaxParallel = r.Int(),
        UpdatedAt = r.Time(),
    };
}
