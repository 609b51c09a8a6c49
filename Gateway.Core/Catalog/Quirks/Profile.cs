namespace Gateway.Core.Catalog.Quirks;

/// <summary>The manners of one OpenAI-compatible server: where it differs from OpenAI's Chat Completions.</summary>
/// <param name="Name">As in the provider setting <c>profile</c>.</param>
/// <param name="Hosts">Recognised by these (or names below them); a number is a port.</param>
public sealed record Profile(string Name, params string[] Hosts)
{
    /// <summary>For a provider without base URL; null where everybody runs their own.</summary>
    public string? BaseUrl { get; init; }

    /// <summary>The path of a base URL that has none.</summary>
    public string Prefix { get; init; } = "/v1";
    public IReadOnlyList<FieldRule> Rules { get; init; } = [];

    /// <summary>False: it refuses <c>stream_options</c>, and reports usage unasked.</summary>
    public bool TakesStreamOptions { get; init; } = true;

    /// <summary>
    /// It can count in every chunk of a stream, so that an answer that a client leaves in the middle is booked as counted and not
    /// as estimated. The counts are asked for, and left out again unless the client wants them.
    /// </summary>
    public bool CountsContinuously { get; init; }

    /// <summary>How it is asked to go on with an answer that was begun, as the provider setting <c>prefill</c> says it; null where it cannot be.</summary>
    public string? Prefill { get; init; }

    /// <summary>What the rules rest on, one sentence for the documentation.</summary>
    public string Evidence { get; init; } = "";
}
