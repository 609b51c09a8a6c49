using Gateway.Core.Accounting;

namespace Gateway.Core.Capabilities.Images;

/// <summary>Pictures; at least one.</summary>
/// <param name="ImageInputTokens">The part of the input tokens that were pictures.</param>
public sealed record ImageAnswer(IReadOnlyList<GeneratedImage> Images, Usage Usage, long ImageInputTokens = 0);

/// <summary>One picture.</summary>
/// <param name="Data">Base64.</param>
/// <param name="MediaType">For example <c>image/png</c>.</param>
public sealed record GeneratedImage(string Data, string MediaType);
