namespace Gateway.Core.Library;

/// <summary>How one of a gateway's keys stands.</summary>
/// <param name="Available">It can be used now.</param>
/// <param name="InFlight">Calls that use it at the moment.</param>
/// <param name="TpmInFlight">Tokens that these calls are estimated to cost.</param>
/// <param name="TpmLimit">Tokens a minute; null is no limit. Likewise <paramref name="RpmLimit"/>, requests.</param>
public sealed record KeyStatus(string Label, bool Available, int InFlight, long TpmInFlight, int? TpmLimit, int? RpmLimit);
