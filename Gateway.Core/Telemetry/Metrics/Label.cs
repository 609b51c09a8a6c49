namespace Gateway.Core.Telemetry.Metrics;

/// <summary>What tells one series of a family from another.</summary>
/// <param name="Name">Of letters, digits and underscores; it is written as it is.</param>
/// <param name="Value">Any text; what the format gives a meaning is escaped.</param>
public readonly record struct Label(string Name, string Value);
