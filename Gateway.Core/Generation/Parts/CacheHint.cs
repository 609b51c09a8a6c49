namespace Gateway.Core.Generation.Parts;

/// <summary>Where a prompt's reusable prefix ends (Anthropic's <c>cache_control</c>, Bedrock's <c>cachePoint</c>).</summary>
/// <param name="TimeToLive">As the wire says it, <c>5m</c> or <c>1h</c>; null is the upstream's default.</param>
public sealed record CacheHint(string? TimeToLive = null);
