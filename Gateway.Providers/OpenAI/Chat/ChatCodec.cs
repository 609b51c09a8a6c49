using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Streaming;

namespace Gateway.Providers.OpenAI.Chat;

/// <summary>
/// OpenAI Chat Completions with the dialects of compatible servers.
/// Source: OpenAI's OpenAPI document (openai/openai-openapi), and the vendors' own references.
/// </summary>
public sealed class ChatCodec : IGenerationCodec
{
    /// <inheritdoc/>
    public Wire Wire => Wire.OpenAIChat;

    /// <inheritdoc/>
    public GenerationRequest ReadRequest(JsonElement json, RequestLine line, ConversionNotes notes) => ChatRequestReader.Read(json);

    /// <inheritdoc/>
    public void WriteRequest(GenerationRequest request, Utf8JsonWriter writer, ConversionNotes notes) => new ChatRequestWriter(writer, notes).Write(request);

    /// <inheritdoc/>
    public GenerationResponse ReadResponse(JsonElement json, ConversionNotes notes) => ChatResponseReader.Read(json);

    /// <inheritdoc/>
    public void WriteResponse(GenerationResponse response, ResponseContext context, Utf8JsonWriter writer, ConversionNotes notes) =>
        new ChatResponseWriter(writer, notes).Write(response, context);

    /// <inheritdoc/>
    public StreamFraming CreateFraming() => new SseFraming();

    /// <inheritdoc/>
    public StreamDecoder CreateDecoder(ConversionNotes notes) => new ChatStreamDecoder();

    /// <inheritdoc/>
    public StreamEncoder CreateEncoder(ResponseContext context, ConversionNotes notes) => new ChatStreamEncoder(context, notes);
}
