namespace Gateway.Core.Replay;

/// <summary>A request as it went over the wire.</summary>
/// <param name="Method">For example <c>POST</c>.</param>
/// <param name="Path">With its query; may be a whole address.</param>
/// <param name="Headers">In their order; a name may stand there twice.</param>
public sealed record TransportRequest(string Method, string Path, IReadOnlyList<KeyValuePair<string, string>> Headers, TransportBody Body);
