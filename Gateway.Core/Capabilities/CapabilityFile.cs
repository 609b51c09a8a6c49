namespace Gateway.Core.Capabilities;

/// <summary>A file that came with a request, or was made for it.</summary>
/// <param name="MediaType">For example <c>image/png</c>; empty if unknown.</param>
public sealed record CapabilityFile(ReadOnlyMemory<byte> Data, string MediaType);
