using Gateway.Web.Administration.Configuration;
using Gateway.Web.Storage.Rows;

namespace Gateway.Web.Administration.Backups;

/// <summary>What a backup holds: what people have set up, with secrets in the clear. Never outside of a <see cref="BackupFile"/> or memory.</summary>
internal sealed record BackupContent
{
    public required CatalogRows Catalog { get; init; }

    /// <summary>Views, rules, targets, channels, drafts, conversations.</summary>
    public required List<DocumentRow> Documents { get; init; }

    /// <summary>What had a secret that could not be decrypted any more, which is left out.</summary>
    public List<string> Lost { get; init; } = [];
}
