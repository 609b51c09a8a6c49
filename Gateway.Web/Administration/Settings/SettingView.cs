namespace Gateway.Web.Administration.Settings;

/// <summary>A setting as it is in force.</summary>
/// <param name="Group">What it is about, for people.</param>
/// <param name="Kind"><c>text, secret, integer, number, flag, duration, list</c> or <c>choice</c>.</param>
/// <param name="Unit">What a number counts, such as <c>bytes</c>; empty for all else.</param>
/// <param name="Value">As it would be written; null when there is none, and for every secret.</param>
/// <param name="IsSet">Something sets it; of a secret that is all there is to know.</param>
/// <param name="Default">Null when there is none.</param>
/// <param name="IsDefault">It is as it would be if nothing set it.</param>
/// <param name="Source"><c>default, json, yaml, environment, file, host</c> or <c>database</c>.</param>
/// <param name="Origin">The file or variable that sets it; null where nothing does.</param>
/// <param name="Names">What it is called in the environment, the long name last; any of them sets it.</param>
/// <param name="FileName">Another name in the YAML file; null for none.</param>
/// <param name="Meaning">One sentence.</param>
/// <param name="Choices">Of choices only.</param>
public sealed record SettingView(
    string Key, string Group, string Kind, string Unit, string? Value, bool IsSet, string? Default, bool IsDefault, string Source, string? Origin,
    IReadOnlyList<string> Names, string? FileName, string Meaning, IReadOnlyList<string> Choices);

/// <summary>How long something is kept, and how much of it there is.</summary>
/// <param name="What">For people.</param>
/// <param name="Setting">What decides it.</param>
/// <param name="Days">Null is for ever.</param>
/// <param name="Rows">At most <see cref="SettingsReading.MostCounted"/>, which stands for that or more.</param>
/// <param name="Oldest">Null when there is none.</param>
public sealed record RetentionView(string What, string Setting, int? Days, long Rows, DateTimeOffset? Oldest);

/// <summary>What is kept how long, and how large the database is.</summary>
/// <param name="DatabaseBytes">Null where the database does not say.</param>
public sealed record RetentionReport(IReadOnlyList<RetentionView> Kept, long? DatabaseBytes);

/// <summary>A text whose secrets are to be taken out, to see how it is done.</summary>
internal sealed record RedactionTrial
{
    /// <summary>At most 256 KiB.</summary>
    public string? Text { get; init; }
}

/// <summary>The text without its secrets.</summary>
public sealed record RedactedText(string Text);
