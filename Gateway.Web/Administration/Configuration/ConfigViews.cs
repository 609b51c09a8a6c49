namespace Gateway.Web.Administration.Configuration;

/// <summary>One change of the configuration that is kept.</summary>
/// <param name="Version">The catalog's version that the change made.</param>
/// <param name="Note">What was done, in the audit log's words.</param>
/// <param name="IsCurrent">It is what the database declares now.</param>
public sealed record ConfigVersionView(long Version, DateTimeOffset At, string Actor, string Note, long Bytes, bool IsCurrent);

/// <summary>What differs between two versions, or between a version and a draft.</summary>
/// <param name="From">The older version; null is none at all, an empty configuration.</param>
/// <param name="To">Null is the draft.</param>
public sealed record ConfigComparison(long? From, long? To, IReadOnlyList<ConfigDifference> Differences);

/// <summary>What a return to a version does, or would do.</summary>
/// <param name="Applied">The version that it made; null when nothing was changed.</param>
/// <param name="Notes">What is not as it was then, and why.</param>
public sealed record RollbackView(long To, long? Applied, IReadOnlyList<ConfigDifference> Differences, IReadOnlyList<string> Notes);

/// <param name="DryRun">True (the default) only says what would change.</param>
internal sealed record RollbackChange(bool DryRun = true);
