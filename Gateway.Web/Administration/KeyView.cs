using Gateway.Core.Catalog;

namespace Gateway.Web.Administration;

/// <summary>An API key as pages and the admin API show it: recognisable by its prefix, never usable.</summary>
public sealed record KeyView
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required string KeyPrefix { get; init; }
    public bool Active { get; init; }

    /// <summary>Null takes the gateway's default, 0 is unlimited.</summary>
    public int? RpmLimit { get; init; }

    /// <summary>Null takes the gateway's default, 0 is unlimited.</summary>
    public int? TpmLimit { get; init; }

    /// <summary>Calls at the same time; null is unlimited.</summary>
    public int? MaxParallel { get; init; }

    /// <summary>The team's name; null for none.</summary>
    public string? Team { get; init; }
    public string? TeamId { get; init; }

    /// <summary>False: the key's team is off, and its calls are refused.</summary>
    public bool TeamActive { get; init; } = true;

    /// <summary>Who answers for the key.</summary>
    public string? Owner { get; init; }

    /// <summary>Takes what is passed through and names no model; null takes the gateway's.</summary>
    public string? DefaultProvider { get; init; }

    /// <summary>Among requests that wait for a place lower goes first, -100 to 100.</summary>
    public int Priority { get; init; }

    /// <summary>Empty allows all.</summary>
    public IReadOnlyList<string> AllowedModels { get; init; } = [];

    /// <summary>What it may be used for, such as <c>chat</c>; empty allows all.</summary>
    public IReadOnlyList<string> AllowedEndpoints { get; init; } = [];

    /// <summary>Addresses and networks that it may be used from; empty allows all.</summary>
    public IReadOnlyList<string> AllowedNetworks { get; init; } = [];

    /// <summary>Words to find it by.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];
    public DateTimeOffset? ExpiresAt { get; init; }
    public bool AllowRouting { get; init; }
    public EntrySource Source { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Until when the key's text before its last rotation is good, too; null when it is over, or there was none.</summary>
    public DateTimeOffset? PreviousUntil { get; init; }

    /// <summary>Of how many more calls the content is kept; 0 when none is. See <see cref="CaptureUntil"/>.</summary>
    public int CaptureLeft { get; init; }

    /// <summary>When that ends in any case; may be over. Null when nothing is kept.</summary>
    public DateTimeOffset? CaptureUntil { get; init; }

    /// <summary>Null unless revoked, which is final.</summary>
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>Last request on any node; null if there was none as far back as calls are kept (<c>Gateway:Usage:RetentionDays</c>).</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>Whether what is said in its next call is kept.</summary>
    internal bool IsCaptured(DateTimeOffset now) => CaptureLeft > 0 && CaptureUntil > now && RevokedAt is null;
}

/// <summary>A key at the only moment it is known.</summary>
/// <param name="Key">The whole key: show it once, keep it nowhere.</param>
public sealed record IssuedKey(string Key, KeyView ApiKey)
{
    /// <summary>Not printed: the key must not reach a log by way of <c>ToString</c>.</summary>
    public override string ToString() => $"Issued key {ApiKey.KeyPrefix}";
}

/// <summary>What to set of a key, new or not. <see cref="Name"/> is needed for a new one.</summary>
internal sealed record KeyChange
{
    public Optional<string?> Name { get; init; }

    /// <summary>Requests per minute; null takes the gateway's default, 0 is unlimited.</summary>
    public Optional<int?> RpmLimit { get; init; }

    /// <summary>Tokens per minute; null takes the gateway's default, 0 is unlimited.</summary>
    public Optional<int?> TpmLimit { get; init; }

    /// <summary>Calls at the same time; null or 0 is unlimited.</summary>
    public Optional<int?> MaxParallel { get; init; }

    /// <summary>A team's name or id; null for none.</summary>
    public Optional<string?> Team { get; init; }

    /// <summary>Who answers for the key, such as an e-mail address.</summary>
    public Optional<string?> Owner { get; init; }

    /// <summary>A provider's name or id; null takes the gateway's default provider.</summary>
    public Optional<string?> DefaultProvider { get; init; }

    /// <summary>Among requests that wait for a place lower goes first, -100 to 100; null is 0.</summary>
    public Optional<int?> Priority { get; init; }

    /// <summary>Names or patterns with <c>*</c>; null or empty allows all.</summary>
    public Optional<IReadOnlyList<string>?> AllowedModels { get; init; }

    /// <summary>Of <c>chat</c>, <c>embeddings</c>, <c>rerank</c>, <c>moderations</c>, <c>images</c>, <c>audio</c> and <c>pass_through</c>; null or empty allows all.</summary>
    public Optional<IReadOnlyList<string>?> AllowedEndpoints { get; init; }

    /// <summary>Addresses (<c>203.0.113.7</c>) and networks (<c>203.0.113.0/24</c>), 100 at most; null or empty allows all.</summary>
    public Optional<IReadOnlyList<string>?> AllowedNetworks { get; init; }

    /// <summary>Words to find it by, 20 of 50 characters at most.</summary>
    public Optional<IReadOnlyList<string>?> Tags { get; init; }

    /// <summary>Null never expires.</summary>
    public Optional<DateTimeOffset?> ExpiresAt { get; init; }
    public Optional<bool?> Active { get; init; }

    /// <summary>False: the key's <c>omni_route</c>, <c>omni_provider</c> and <c>X-Provider-Priority</c> are ignored.</summary>
    public Optional<bool?> AllowRouting { get; init; }

    /// <summary>
    /// Of a new key alone: a budget that is made with it, as of <c>POST /admin/v1/budgets</c>. Its scope is the key, its name the key's
    /// unless it has one.
    /// </summary>
    public Optional<BudgetChange?> Budget { get; init; }
}

/// <summary>How to rotate a key.</summary>
internal sealed record KeyRotation
{
    /// <summary>How long the old text is good beside the new one, 0 to 2592000 (thirty days); a day when left out.</summary>
    public Optional<int?> OverlapSeconds { get; init; }
}

/// <summary>The same change to many keys.</summary>
internal sealed record KeyBulkChange
{
    /// <summary>1 to 1000 of them.</summary>
    public Optional<IReadOnlyList<string>?> Ids { get; init; }

    /// <summary>One of <c>enable, disable, revoke</c>.</summary>
    public Optional<string?> Action { get; init; }
}

/// <summary>What became of a bulk change: all of it, or nothing.</summary>
public sealed record KeyBulkResult(int Changed, IReadOnlyList<KeyView> Keys);
