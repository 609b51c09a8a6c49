namespace Gateway.Core.Accounting;

/// <summary>What an upstream bills by where it does not bill by tokens, as it reported it.</summary>
/// <param name="Name">Singular, for example <c>second</c> (of sound) or <c>search_unit</c>.</param>
/// <param name="Count">As reported; may be a fraction.</param>
public sealed record BilledUnits(string Name, decimal Count);
