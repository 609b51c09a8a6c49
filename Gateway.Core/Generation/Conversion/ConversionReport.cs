namespace Gateway.Core.Generation.Conversion;

/// <summary>A converted value and what the conversion cost.</summary>
/// <param name="Bridged">
/// It is of another wire than it was, or, where only one wire is spoken, something in it is said in other words;
/// <paramref name="Reasons"/> names what. Bodies that were passed on as they stand are not.
/// </param>
/// <param name="Lossy">Something was dropped; <paramref name="Reasons"/> names it.</param>
public sealed record ConversionReport<T>(T Value, bool Bridged, bool Lossy, IReadOnlyList<ConversionReason> Reasons);
