using System.Text.Json;
using Gateway.Core.Capabilities;
using Gateway.Core.Capabilities.Embeddings;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;

namespace Gateway.Providers.OpenAI.Embeddings;

/// <summary>OpenAI's <c>/v1/embeddings</c>. Source: OpenAI API reference, Embeddings.</summary>
public sealed class OpenAIEmbeddingCodec : IEmbeddingCodec
{
    public Operation Operation => Operation.Embeddings;

    public EmbeddingRequest ReadRequest(JsonElement body) => new()
    {
        Texts = TextsOf(body),
        Dimensions = body.Whole32("dimensions"),
        User = body.Text("user"),
        AsBase64 = body.Text("encoding_format") == "base64",
        // Where a shape has no place for the user, nothing is lost without it.
        Others = OtherFields.Of(body, "input", "dimensions", "encoding_format", "user"),
    };

    public void WriteRequest(EmbeddingRequest request, Utf8JsonWriter json, ConversionNotes notes)
    {
        json.WriteStartObject();
        json.WriteString("model"u8, request.Model);
        json.WriteStartArray("input"u8);
        foreach (string text in request.Texts)
        {
            json.WriteStringValue(text);
        }
        json.WriteEndArray();
        json.WriteString("encoding_format"u8, "float"u8);
        if (request.Dimensions is { } dimensions)
        {
            json.WriteNumber("dimensions"u8, dimensions);
        }
        if (request.User is not null)
        {
            json.WriteString("user"u8, request.User);
        }
        json.WriteEndObject();
        if (request.Purpose is not null)
        {
            notes.Lose("task type", "OpenAI's embeddings are the same for every purpose.");
        }
        OtherFields.Lose(request.Others, notes);
    }

    public EmbeddingAnswer ReadAnswer(JsonElement body) => new(
        [.. body.Items("data").OrderBy(d => d.Whole("index") ?? 0).Select(d => d.Has("embedding", out JsonElement vector) ? VectorText.Read(vector) : throw NoVector())],
        UsageFields.Of(body).Usage);

    public void WriteAnswer(EmbeddingAnswer answer, EmbeddingRequest request, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        json.WriteStartArray("data"u8);
        for (int i = 0; i < answer.Vectors.Count; i++)
        {
            json.WriteStartObject();
            json.WriteString("object"u8, "embedding"u8);
            json.WriteNumber("index"u8, i);
            json.WritePropertyName("embedding"u8);
            if (request.AsBase64)
            {
                VectorText.WriteBase64(json, answer.Vectors[i]);
            }
            else
            {
                VectorText.WriteNumbers(json, answer.Vectors[i]);
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteString("model"u8, answer.Model);
        json.WriteStartObject("usage"u8);
        json.WriteNumber("prompt_tokens"u8, answer.Usage.InputTokens);
        json.WriteNumber("total_tokens"u8, answer.Usage.InputTokens);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string[] TextsOf(JsonElement body)
    {
        if (!body.Has("input", out JsonElement input))
        {
            throw new GenerationFormatException("'input' is missing.", "input");
        }
        return input.ValueKind == JsonValueKind.String ? [input.GetString()!] : [.. body.Items("input").Select(TextOf)];
    }

    private static string TextOf(JsonElement item) => item.ValueKind == JsonValueKind.String
        ? item.GetString()!
        : throw new GenerationFormatException("The provider takes texts only: 'input' must be a string or strings, not token numbers.", "input");

    private static GenerationFormatException NoVector() => new("An item of 'data' has no vector.", "data");
}
