using System.Text.Json;
using Gateway.Core.Generation.Conversion;

namespace Gateway.Core.Capabilities;

/// <summary>The upstream's side of a capability: writes what it is asked and reads what it answers.</summary>
public interface IUpstreamCodec<TRequest, TAnswer> : ICapabilityCodec
{
    /// <param name="notes">Told of what cannot be said in this shape.</param>
    /// <exception cref="Generation.GenerationFormatException">What is asked for cannot be had here at all.</exception>
    void WriteRequest(TRequest request, Utf8JsonWriter json, ConversionNotes notes);

    /// <exception cref="Generation.GenerationFormatException">The body is not of this shape, or holds no result.</exception>
    TAnswer ReadAnswer(JsonElement body);
}
