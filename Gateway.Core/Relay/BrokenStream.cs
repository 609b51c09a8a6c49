namespace Gateway.Core.Relay;

/// <summary>A stream that is about to end in an error: what a wire that numbers its events, and names the answer in them, must know of it.</summary>
/// <param name="Next">The number of the next event; 0 where they have none.</param>
/// <param name="AnswerId">As the events before named it; null where none did.</param>
public readonly record struct BrokenStream(int Next, string? AnswerId, string Model, DateTimeOffset StartedAt);
