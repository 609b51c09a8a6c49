using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Capabilities;
using Gateway.Core.Generation.Conversion;

namespace Gateway.Core.Failover.Capabilities;

/// <summary>One attempt at a backend that has the capability in another shape than the client's.</summary>
internal abstract class CapabilityBridge
{
    /// <summary>What the request lost on its way into the other shape.</summary>
    public ConversionNotes Notes { get; } = new();

    /// <summary>The body for the backend.</summary>
    public ReadOnlyMemory<byte> Body { get; protected init; }

    /// <summary>The backend's answer as the client expects it.</summary>
    /// <param name="estimated">Stands in for usage that the backend does not report, where the client's shape must have some.</param>
    /// <exception cref="Generation.GenerationFormatException">The answer is not what its shape prescribes.</exception>
    public abstract CapabilityContent Answer(Call call, JsonElement answer, Func<Usage> estimated);
}
