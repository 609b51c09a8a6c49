using System.Text.Json;

namespace Gateway.Web.Administration.Configuration;

/// <summary>A draft in a list.</summary>
/// <param name="BaseVersion">The version that it started from; 0 is an empty configuration.</param>
public sealed record DraftSummary(string Id, string Name, string Owner, long BaseVersion, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>A draft, and what it would do if it were applied now.</summary>
/// <param name="CurrentVersion">The version in force; another one than the base when the configuration was changed since.</param>
/// <param name="Differences">What applying it changes; empty while there are problems.</param>
/// <param name="Conflicts">What somebody else changed since, and the draft changes otherwise; it cannot be applied while there are any.</param>
/// <param name="Needed">Secrets to give when it is applied.</param>
/// <param name="Report">Of a configuration of another product that it was made from; empty otherwise.</param>
public sealed record DraftView(
    string Id,
    string Name,
    string Owner,
    long BaseVersion,
    long CurrentVersion,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    string Yaml,
    IReadOnlyList<DraftProblem> Problems,
    IReadOnlyList<ConfigDifference> Differences,
    IReadOnlyList<DraftConflict> Conflicts,
    IReadOnlyList<SecretVariable> Needed,
    IReadOnlyList<string> Notes,
    IReadOnlyList<ImportLine> Report);

/// <summary>One setting of an imported configuration and what became of it.</summary>
/// <param name="Path">For example <c>model_list[0].litellm_params.api_key</c>.</param>
/// <param name="Verdict"><c>mapped</c>, <c>approximated</c> or <c>unsupported</c>.</param>
/// <param name="Note">To what, how, or why not.</param>
public sealed record ImportLine(string Path, string Verdict, string Note);

/// <summary>What to set of a draft, new or not. A new one needs a name; without YAML it starts from the present configuration.</summary>
internal sealed record DraftChange
{
    public Optional<string?> Name { get; init; }
    public Optional<string?> Yaml { get; init; }
}

/// <summary>A configuration to make a draft of.</summary>
internal sealed record DraftImport
{
    public string? Name { get; init; }

    /// <summary>The file's text.</summary>
    public string? Yaml { get; init; }

    /// <summary><c>gateway</c> (the default) or <c>litellm</c>.</summary>
    public string? Format { get; init; }

    /// <summary><c>replace</c>: the file is the whole configuration (the default for <c>gateway</c>); <c>merge</c>: it is added to the present one.</summary>
    public string? Mode { get; init; }

    /// <summary>Of a LiteLLM proxy: values of its environment that are no secrets, such as addresses and regions.</summary>
    public IReadOnlyDictionary<string, string>? Variables { get; init; }
}

/// <param name="Secrets">By variable; those that the draft needs, and those of stored ones that are to be replaced.</param>
internal sealed record DraftApplication(IReadOnlyDictionary<string, JsonElement>? Secrets = null);

/// <param name="Prefer"><c>draft</c> or <c>current</c>: whose value counts where both changed it.</param>
internal sealed record DraftRebase(string? Prefer = null);

/// <summary>What applying a draft has done.</summary>
/// <param name="Version">The version that it made.</param>
public sealed record DraftApplied(long Version, IReadOnlyList<ConfigDifference> Differences);
