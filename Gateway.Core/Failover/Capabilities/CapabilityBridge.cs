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

    /// <summary>The body for the backend, once it is prepared.</summary>
    public ReadOnlyMemory<byte> Body { get; private set; }

    /// <summary>Writes <see cref="Body"/>.</summary>
    /// <exception cref="Generation.GenerationFormatException">What is asked for cannot be had of this backend.</exception>
    public void Prepare(string upstreamModel) => Body = JsonBody.Write(json => WriteRequest(upstreamModel, json));

    protected abstract void WriteRequest(string upstreamModel, Utf8JsonWriter json);

    /// <summary>The backend's answer as the client expects it.</summary>
    /// <param name="estimated">Stands in for usage that the backend does not report, where the client's shape must have some.</param>
    /// <exception cref="Generation.GenerationFormatException">The answer is not what its shape prescribes.</exception>
    public abstract CapabilityContent Answer(Call call, JsonElement answer, Func<Usage> estimated);
}
