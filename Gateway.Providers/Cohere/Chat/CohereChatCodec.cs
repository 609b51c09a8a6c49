using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Streaming;

namespace Gateway.Providers.Cohere.Chat;

/// <summary>Cohere Chat, version 2. Source: docs.cohere.com, "Chat API (v2)" and its streaming reference.</summary>
public sealed class CohereChatCodec : IGenerationCodec
{
    /// <inheritdoc/>
    public Wire Wire => Wire.CohereChat;

    /// <inheritdoc/>
    public GenerationRequest ReadRequest(JsonElement json, RequestLine line, ConversionNotes notes) => CohereRequestReader.Read(json);

    /// <inheritdoc/>
    public void WriteRequest(GenerationRequest request, Utf8JsonWriter writer, ConversionNotes notes) => new CohereRequestWriter(writer, notes, request).Write();

    /// <inheritdoc/>
    public GenerationResponse ReadResponse(JsonElement json, ConversionNotes notes) => CohereResponseReader.Read(json);

    /// <inheritdoc/>
    public void WriteResponse(GenerationResponse response, ResponseContext context, Utf8JsonWriter writer, ConversionNotes notes) =>
        new CohereResponseWriter(writer, notes).Write(response, context);

    /// <inheritdoc/>
    public StreamFraming CreateFraming() => new SseFraming();

    /// <inheritdoc/>
    public StreamDecoder CreateDecoder(ConversionNotes notes) => new CohereStreamDecoder();

    /// <inheritdoc/>
    public StreamEncoder CreateEncoder(ResponseContext context, ConversionNotes notes) => new CohereStreamEncoder(context, notes);
}
