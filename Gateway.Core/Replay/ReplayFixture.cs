namespace Gateway.Core.Replay;

/// <summary>
/// A recorded exchange that may be kept and shared: <see cref="Sanitizer.Record"/> makes it, and it holds no secret that the
/// sanitizer knows of. <see cref="ReplayFixtureJson"/> writes and reads it.
/// </summary>
public sealed record ReplayFixture
{
    internal ReplayFixture(string name, TransportRequest request, TransportResponse response) => (Name, Request, Response) = (name, request, response);

    /// <summary>What it shows, for people.</summary>
    public string Name { get; }
    public TransportRequest Request { get; }
    public TransportResponse Response { get; }
}
