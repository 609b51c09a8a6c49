namespace Gateway.Web.Administration;

/// <summary>What one kind of provider serves.</summary>
/// <param name="Kind">A name of <see cref="Core.Catalog.ProviderKinds"/>.</param>
/// <param name="Capabilities">By capability: <c>native</c>, <c>compatible</c> or <c>planned</c>.</param>
public sealed record CapabilityView(string Kind, IReadOnlyDictionary<string, string> Capabilities);
