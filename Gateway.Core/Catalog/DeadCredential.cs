namespace Gateway.Core.Catalog;

/// <summary>A credential that is set aside, and is tried again after a while.</summary>
/// <param name="Reason">The kind of refusal; no upstream text.</param>
public sealed record DeadCredential(string Reason, DateTimeOffset Since);
