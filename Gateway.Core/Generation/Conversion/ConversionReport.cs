namespace Gateway.Core.Generation.Conversion;

/// <summary>A converted value and what the conversion cost.</summary>
/// <param name="Bridged">Something was said in other words.</param>
/// <param name="Lossy">Something was dropped; <paramref name="Reasons"/> names it.</param>
public sealed record ConversionReport<T>(T Value, bool Bridged, bool Lossy, IReadOnlyList<ConversionReason> Reasons);
