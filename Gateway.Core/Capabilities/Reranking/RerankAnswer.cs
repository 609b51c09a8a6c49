using Gateway.Core.Accounting;

namespace Gateway.Core.Capabilities.Reranking;

/// <summary>The documents that were asked for, best first.</summary>
/// <param name="Usage">As reported; <see cref="UsageSource.None"/> if tokens were not.</param>
/// <param name="Units">What is billed besides tokens; null if nothing was said.</param>
/// <param name="Model">As the client knows it, when it is written.</param>
public sealed record RerankAnswer(string? Id, IReadOnlyList<RankedDocument> Results, Usage Usage, BilledUnits? Units, string Model = "");
