using Gateway.Core.Catalog;

namespace Gateway.Web.Administration;

/// <summary>A provider as pages and the admin API show it: without secrets.</summary>
public sealed record ProviderView
{
    public required string Id { get; init; }
    public required string Name { get; init; }

    /// <summary>A name of <see cref="ProviderKinds"/>.</summary>
    public required string Kind { get; init; }
    public string? BaseUrl { get; init; }
    public IReadOnlyList<CredentialView> Credentials { get; init; } = [];

    /// <summary>Settings by kind, and timeouts; see <see cref="ProviderSettings"/>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
    public bool Active { get; init; }

    /// <summary>None of its backends takes new calls; those that run may end.</summary>
    public bool Draining { get; init; }
    public EntrySource Source { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>A credential without its secret.</summary>
public sealed record CredentialView
{
    public required string Id { get; init; }
    public required string Label { get; init; }
    public int? RpmLimit { get; init; }
    public int? TpmLimit { get; init; }

    /// <summary>Why the upstream refuses it on this node, for example <c>401</c>; null while it is thought to work.</summary>
    public string? RefusedBecause { get; init; }
}

/// <summary>What a test call to a provider found.</summary>
/// <param name="Status">The upstream's HTTP status; null when there was no answer.</param>
/// <param name="LatencyMs">Until the answer was read or given up.</param>
/// <param name="Message">For people: what went wrong and what to do, or what was found. Holds no secret and no address.</param>
/// <param name="Models">What the upstream says it serves; empty when it does not say.</param>
public sealed record ProviderTestResult(bool Ok, int? Status, double LatencyMs, string Message, IReadOnlyList<string> Models);
