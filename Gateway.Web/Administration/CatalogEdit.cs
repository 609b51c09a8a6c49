using Gateway.Core.Catalog;
using Gateway.Web.Storage;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration;

/// <summary>One change of the catalog in the making: rows in <see cref="Database"/> and the same in <see cref="Definition"/>.</summary>
internal sealed class CatalogEdit(GatewayDbContext database, CatalogDefinition definition, CatalogDefinition file, DateTimeOffset now)
{
    private readonly List<CatalogError> _errors = [];
    private readonly List<AuditNote> _notes = [];

    public GatewayDbContext Database { get; } = database;

    /// <summary>What files declare: read-only.</summary>
    public CatalogDefinition File { get; } = file;

    /// <summary>What the database will declare.</summary>
    public CatalogDefinition Definition { get; set; } = definition;
    public DateTimeOffset Now { get; } = now;

    /// <summary>Sorts by time.</summary>
    public string NewId() => Guid.CreateVersion7(Now).ToString();

    /// <summary>What is wrong with the change beyond what the catalog checks itself.</summary>
    public IReadOnlyList<CatalogError> Errors => _errors;

    /// <summary>What the audit log will hold; one for each entry that changes.</summary>
    public IReadOnlyList<AuditNote> Notes => _notes;

    /// <summary>The first of <see cref="Notes"/>; null when there is none.</summary>
    public AuditNote? Note => _notes.Count > 0 ? _notes[0] : null;

    public void Error(string path, string message) => _errors.Add(new CatalogError(path, message));

    /// <summary>The given name; notes that there is none, and goes on with a stand-in to find what else is wrong.</summary>
    public string RequiredName(Optional<string?> name)
    {
        if (!string.IsNullOrWhiteSpace(name.Value))
        {
            return name.Value;
        }
        Error("name", "A name is needed.");
        return NewId();
    }

    /// <summary>The list without the nulls that JSON allows, which are noted.</summary>
    public IReadOnlyList<T> WithoutNulls<T>(string path, IReadOnlyList<T?>? list)
        where T : class
    {
        T[] found = [.. (list ?? []).OfType<T>()];
        if (found.Length != (list?.Count ?? 0))
        {
            Error(path, "The list holds null where an entry is expected.");
        }
        return found;
    }

    /// <summary>Notes a text that is too long for its column, or that not every database can hold.</summary>
    public string? Limited(string path, string? text, int length)
    {
        if (text?.Length > length)
        {
            Error(path, $"At most {length} characters.");
        }
        if (text?.Contains('\0') == true)
        {
            Error(path, "A text has no NUL character.");
        }
        return string.IsNullOrWhiteSpace(text) ? null : text;
    }

    /// <summary>The failure when an entry was changed after it was read by whoever changes it now; null when it is as they saw it.</summary>
    public async Task<AdministrationFailure?> ChangedMeanwhileAsync(string id, DateTimeOffset updatedAt, Optional<DateTimeOffset?> asRead, CancellationToken cancellationToken)
    {
        if (asRead.Value is not { } seen || seen.ToUnixTimeMilliseconds() == updatedAt.ToUnixTimeMilliseconds())
        {
            return null;
        }
        string? actor = await Database.Audit.Where(a => a.EntityId == id).OrderByDescending(a => a.Id).Select(a => a.Actor).FirstOrDefaultAsync(cancellationToken);
        return AdministrationFailure.ChangedMeanwhile(actor);
    }

    /// <summary>Says what the audit log will hold. Views only, since they hold no secrets.</summary>
    public void Audit(string action, string entityId, string entityName, object? before, object? after) =>
        _notes.Add(new AuditNote(action, entityId, entityName, before, after));
}

internal sealed record AuditNote(string Action, string EntityId, string EntityName, object? Before, object? After);
