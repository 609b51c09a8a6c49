namespace Gateway.Core.Generation.Streaming;

/// <summary>One event, as slices of the buffer it was found in.</summary>
public readonly ref struct StreamFrame
{
    /// <summary>Empty for none.</summary>
    public ReadOnlySpan<byte> EventName { get; init; }

    /// <summary>Empty for an event that carries nothing, such as a comment.</summary>
    public ReadOnlySpan<byte> Data { get; init; }

    /// <summary>Bytes to remove from the buffer.</summary>
    public required int Length { get; init; }
}
