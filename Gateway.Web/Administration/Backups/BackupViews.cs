using Gateway.Web.Administration.Configuration;

namespace Gateway.Web.Administration.Backups;

internal sealed record BackupChange
{
    /// <summary>At least 12 characters. Without it nobody can read the backup.</summary>
    public string? Passphrase { get; init; }
}

/// <param name="Lost">What has a secret that cannot be decrypted any more: it is left out of the backup.</param>
internal sealed record BackupMade(BackupFile File, IReadOnlyList<string> Lost)
{
    public string FileName => $"gateway-{File.MadeAt:yyyyMMdd-HHmm}.backup.json";
}

internal sealed record RestoreChange
{
    /// <summary>What the backup was made with.</summary>
    public string? Passphrase { get; init; }

    /// <summary>The file as it was given.</summary>
    public BackupFile? Backup { get; init; }

    /// <summary>Only say what would change.</summary>
    public bool DryRun { get; init; } = true;
}

/// <param name="Applied">The version that it made; null when it was only tried, or the configuration was the same.</param>
/// <param name="Documents">Views, rules, targets, channels, drafts and conversations that are added or become what they were.</param>
/// <param name="Notes">What is not as the backup has it, and why.</param>
internal sealed record RestoreView(
    DateTimeOffset MadeAt, string MadeBy, long? Applied, IReadOnlyList<ConfigDifference> Differences, int Documents, IReadOnlyList<string> Notes);
