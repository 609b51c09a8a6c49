using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Streaming;

namespace Gateway.Providers.Gemini;

/// <summary>
/// Gemini's <c>generateContent</c>, on the Gemini API and on Vertex AI.
/// Source: googleapis/googleapis google/ai/generativelanguage/v1beta, and the types of npm @google/genai.
/// </summary>
public sealed class GeminiCodec : IGenerationCodec
{
    /// <inheritdoc/>
    public Wire Wire => Wire.Gemini;

    /// <inheritdoc/>
    public GenerationRequest ReadRequest(JsonElement json, RequestLine line, ConversionNotes notes) => GeminiRequestReader.Read(json, line, notes);

    /// <inheritdoc/>
    public void WriteRequest(GenerationRequest request, Utf8JsonWriter writer, ConversionNotes notes) => new GeminiRequestWriter(writer, notes).Write(request);

    /// <inheritdoc/>
    public GenerationResponse ReadResponse(JsonElement json, ConversionNotes notes) => GeminiResponseReader.Read(json, notes);

    /// <inheritdoc/>
    public void WriteResponse(GenerationResponse response, ResponseContext context, Utf8JsonWriter writer, ConversionNotes notes) =>
        new GeminiResponseWriter(writer, notes).Write(response, context);

    /// <inheritdoc/>
    public StreamFraming CreateFraming() => new GeminiFraming();

    /// <inheritdoc/>
    public StreamDecoder CreateDecoder(ConversionNotes notes) => new GeminiStreamDecoder();

    /// <inheritdoc/>
    public StreamEncoder CreateEncoder(ResponseContext context, ConversionNotes notes) => new GeminiStreamEncoder(context, notes);
}
