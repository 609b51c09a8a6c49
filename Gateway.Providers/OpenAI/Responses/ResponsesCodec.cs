using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Streaming;

namespace Gateway.Providers.OpenAI.Responses;

/// <summary>
/// OpenAI Responses, as OpenAI, Azure, xAI, DeepSeek, OpenRouter, LM Studio and Bedrock speak it.
/// Source: OpenAI's OpenAPI document (openai/openai-openapi), and recorded traffic.
/// </summary>
public sealed class ResponsesCodec : IGenerationCodec
{
    /// <inheritdoc/>
    public Wire Wire => Wire.OpenAIResponses;

    /// <inheritdoc/>
    public GenerationRequest ReadRequest(JsonElement json, RequestLine line, ConversionNotes notes) => ResponsesRequestReader.Read(json);

    /// <inheritdoc/>
    public void WriteRequest(GenerationRequest request, Utf8JsonWriter writer, ConversionNotes notes) => new ResponsesRequestWriter(writer, notes).Write(request);

    /// <inheritdoc/>
    public GenerationResponse ReadResponse(JsonElement json, ConversionNotes notes) => ResponsesResponseReader.Read(json);

    /// <inheritdoc/>
    public void WriteResponse(GenerationResponse response, ResponseContext context, Utf8JsonWriter writer, ConversionNotes notes) =>
        ResponsesResponseWriter.Write(response, context, writer, notes);

    /// <inheritdoc/>
    public StreamFraming CreateFraming() => new SseFraming();

    /// <inheritdoc/>
    public StreamDecoder CreateDecoder(ConversionNotes notes) => new ResponsesStreamDecoder();

    /// <inheritdoc/>
    public StreamEncoder CreateEncoder(ResponseContext context, ConversionNotes notes) => new ResponsesStreamEncoder(context, notes);
}
