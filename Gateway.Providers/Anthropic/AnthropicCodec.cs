using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Streaming;

namespace Gateway.Providers.Anthropic;

/// <summary>
/// Anthropic Messages. There is no public schema of it; sources: the types of the official SDKs (npm <c>@anthropic-ai/sdk</c>
/// <c>resources/messages/messages.d.ts</c>, NuGet <c>Anthropic</c>) and Anthropic's API reference.
/// </summary>
public sealed class AnthropicCodec : IGenerationCodec
{
    /// <inheritdoc/>
    public Wire Wire => Wire.AnthropicMessages;

    /// <inheritdoc/>
    public GenerationRequest ReadRequest(JsonElement json, RequestLine line, ConversionNotes notes) => AnthropicRequestReader.Read(json, line);

    /// <inheritdoc/>
    public void WriteRequest(GenerationRequest request, Utf8JsonWriter writer, ConversionNotes notes) =>
        new AnthropicRequestWriter(writer, notes, request).Write();

    /// <inheritdoc/>
    public GenerationResponse ReadResponse(JsonElement json, ConversionNotes notes) => AnthropicResponseReader.Read(json);

    /// <inheritdoc/>
    public void WriteResponse(GenerationResponse response, ResponseContext context, Utf8JsonWriter writer, ConversionNotes notes) =>
        new AnthropicResponseWriter(writer, notes).Write(response, context);

    /// <inheritdoc/>
    public StreamFraming CreateFraming() => new SseFraming();

    /// <inheritdoc/>
    public StreamDecoder CreateDecoder(ConversionNotes notes) => new AnthropicStreamDecoder(notes);

    /// <inheritdoc/>
    public StreamEncoder CreateEncoder(ResponseContext context, ConversionNotes notes) => new AnthropicStreamEncoder(context, notes);
}
