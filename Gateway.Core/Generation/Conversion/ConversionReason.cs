namespace Gateway.Core.Generation.Conversion;

/// <summary>One thing that another wire says differently or not at all.</summary>
/// <param name="What">
/// A stable name, at most 64 characters: the field or part, for example <c>logprobs</c>, <c>tool:web_search</c>,
/// <c>part:audio</c>, <c>signature</c>. The lists of what may be lost between two wires are made of these.
/// </param>
/// <param name="Why">One sentence for people.</param>
/// <param name="Lossy">False: it was bridged, and means nearly the same.</param>
public sealed record ConversionReason(string What, string Why, bool Lossy);
