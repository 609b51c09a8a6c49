using System.Text.Json;
using Gateway.Core.Capabilities;
using Gateway.Core.Capabilities.Images;
using Gateway.Core.Catalog;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Gemini.Images;

/// <summary>Pictures by Gemini's image models, which make them where others write text. Source: ai.google.dev, "Image generation".</summary>
public sealed class GeminiImageCodec : IUpstreamCodec<ImageRequest, ImageAnswer>
{
    private static readonly (int Width, int Height)[] Shapes = [(1, 1), (2, 3), (3, 2), (3, 4), (4, 3), (4, 5), (5, 4), (9, 16), (16, 9), (21, 9)];

    public Operation Operation => Operation.GenerateContent;

    public void WriteRequest(ImageRequest request, Utf8JsonWriter json, ConversionNotes notes)
    {
        GeminiResults.BeginParts(json);
        foreach (CapabilityFile image in request.Images)
        {
            GeminiResults.WriteFile(image, json, "image");
        }
        GeminiResults.WriteText(request.Prompt, json);
        GeminiResults.BeginConfig(json);
        GeminiResults.WriteModality(json, "IMAGE");
        if (request.Size is { } size)
        {
            WriteShape(size, json, notes);
        }
        GeminiResults.End(json);
        if (request.Count > 1)
        {
            notes.Lose("n", "Gemini makes one picture for each request.");
        }
        if (request.AsUrl)
        {
            notes.Bridge("response_format", "Gemini keeps no pictures; the address holds the picture itself.");
        }
        OtherFields.Lose(request.Others, notes);
    }

    private static void WriteShape((int Width, int Height) size, Utf8JsonWriter json, ConversionNotes notes)
    {
        double asked = Math.Log((double)size.Width / size.Height);
        (int width, int height) = Shapes.MinBy(s => Math.Abs(Math.Log((double)s.Width / s.Height) - asked));
        if (size.Width * height == size.Height * width)
        {
            notes.Bridge("size", "The shape is kept; how many pixels it has is the model's affair.");
        }
        else
        {
            notes.Lose("size", $"Gemini has no such shape; the nearest, {width}:{height}, was asked for.");
        }
        json.WriteStartObject("imageConfig"u8);
        json.WriteString("aspectRatio"u8, $"{width}:{height}");
        json.WriteEndObject();
    }

    public ImageAnswer ReadAnswer(JsonElement body)
    {
        List<JsonElement> parts = GeminiResults.BlobsOf(body, "image/", "picture");
        return new ImageAnswer([.. parts.Select(Read)], GeminiUsage.Read(body), GeminiResults.PromptTokensOf(body, "IMAGE"));
    }

    private static GeneratedImage Read(JsonElement part)
    {
        part.Get("inlineData", out JsonElement blob);
        MediaSource source = GeminiMedia.ReadInline(blob).Source;
        return new GeneratedImage(source.Data!, source.MediaType!);
    }
}
