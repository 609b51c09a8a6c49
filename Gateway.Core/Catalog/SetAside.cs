namespace Gateway.Core.Catalog;

/// <summary>Why and until when a credential is not used.</summary>
/// <param name="Model">The upstream model that it is not used for; null for all. Upstreams limit and permit by model.</param>
/// <param name="Reason">The kind of refusal; no upstream text.</param>
/// <param name="SinceMs">On the clock of <see cref="TimeProvider.GetTimestamp"/>, in milliseconds; so is <paramref name="UntilMs"/>.</param>
/// <param name="Failures">Refusals in a row, each of a call that began after the one before.</param>
public sealed record SetAside(string? Model, GatewayErrorKind Reason, long SinceMs, long UntilMs, int Failures);
