namespace Gateway.Web.Configuration;

internal enum SettingKind
{
    Text,

    /// <summary>Never repeated in a message.</summary>
    Secret,
    Integer,

    /// <summary>A decimal fraction.</summary>
    Number,
    Flag,
    Duration,

    /// <summary>Texts separated by commas, or a list in a file.</summary>
    List,
    Choice,
}

/// <summary>One setting: its names, what it accepts, and what it does.</summary>
/// <param name="Key">As in <c>Gateway:Limits:AssumedOutputTokens</c>; <c>__</c> stands for the colon in the environment.</param>
/// <param name="Default">As it would be written; null for none.</param>
/// <param name="Meaning">One sentence for docs/configuration.md.</param>
internal sealed record Setting(string Key, SettingKind Kind, string? Default, string Meaning)
{
    /// <summary>The default in Development where it is another one there.</summary>
    public string? InDevelopment { get; init; }

    /// <summary>The default where it is another one on each machine.</summary>
    public string? OnThisMachine { get; init; }

    /// <summary>Short names in the environment, the strongest first.</summary>
    public IReadOnlyList<string> Variables { get; init; } = [];

    /// <summary>Another name in the YAML file, such as <c>server.port</c>.</summary>
    public string? FileAlias { get; init; }

    /// <summary>What its number counts, for people; empty where the meaning says it.</summary>
    public string Unit => Kind != SettingKind.Integer ? ""
        : Key.EndsWith("Bytes", StringComparison.Ordinal) ? "bytes"
        : Key.EndsWith("Days", StringComparison.Ordinal) ? "days"
        : Key.EndsWith("Rpm", StringComparison.Ordinal) ? "requests a minute"
        : Key.EndsWith("Tpm", StringComparison.Ordinal) ? "tokens a minute"
        : Key.EndsWith("Tokens", StringComparison.Ordinal) ? "tokens"
        : Key.EndsWith("Chars", StringComparison.Ordinal) ? "characters"
        : "";

    /// <summary>What holds where nothing sets it.</summary>
    public string? DefaultAt(ConfigurationPlace place) => (place.IsDevelopment ? InDevelopment : null) ?? OnThisMachine ?? Default;

    /// <summary>Of integers and numbers.</summary>
    public long Min { get; init; }

    /// <summary>Of integers and numbers.</summary>
    public long Max { get; init; } = int.MaxValue;

    /// <summary>Of choices, in lower case.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];
}
