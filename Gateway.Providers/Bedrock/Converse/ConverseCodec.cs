using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Streaming;
using Gateway.Providers.Bedrock.EventStream;

namespace Gateway.Providers.Bedrock.Converse;

/// <summary>
/// Bedrock Converse and ConverseStream. The model stands in the path, not in the body.
/// Source: AWS's Smithy model of bedrock-runtime (aws/aws-sdk-js-v3), and the Amazon Bedrock API Reference.
/// </summary>
public sealed class ConverseCodec : IGenerationCodec
{
    /// <inheritdoc/>
    public Wire Wire => Wire.BedrockConverse;

    /// <inheritdoc/>
    public GenerationRequest ReadRequest(JsonElement json, RequestLine line, ConversionNotes notes) => ConverseRequestReader.Read(json, line);

    /// <inheritdoc/>
    public void WriteRequest(GenerationRequest request, Utf8JsonWriter writer, ConversionNotes notes) => new ConverseRequestWriter(writer, notes, request).Write();

    /// <inheritdoc/>
    public GenerationResponse ReadResponse(JsonElement json, ConversionNotes notes) => ConverseResponseReader.Read(json);

    /// <inheritdoc/>
    public void WriteResponse(GenerationResponse response, ResponseContext context, Utf8JsonWriter writer, ConversionNotes notes) =>
        new ConverseResponseWriter(writer, notes).Write(response);

    /// <inheritdoc/>
    public StreamFraming CreateFraming() => new EventStreamFraming();

    /// <inheritdoc/>
    public StreamDecoder CreateDecoder(ConversionNotes notes) => new ConverseStreamDecoder();

    /// <inheritdoc/>
    public StreamEncoder CreateEncoder(ResponseContext context, ConversionNotes notes) => new ConverseStreamEncoder(context, notes);
}
