namespace Gateway.Core.Replay;

/// <summary>An answer as it came over the wire.</summary>
/// <param name="Headers">In their order; a name may stand there twice.</param>
public sealed record TransportResponse(int Status, IReadOnlyList<KeyValuePair<string, string>> Headers, TransportBody Body);
