using System.Globalization;
using System.Text.Json;
using Gateway.Core.Capabilities;
using Gateway.Core.Capabilities.Images;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.OpenAI.Images;

/// <summary>A client of OpenAI's images. Source: OpenAI API reference, Images.</summary>
/// <param name="operation">Making new ones, or changing some.</param>
public sealed class OpenAIImageCodec(Operation operation) : IClientCodec<ImageRequest, ImageAnswer>
{
    public Operation Operation => operation;

    public ImageRequest ReadRequest(CapabilityBody body)
    {
        List<CapabilityFile> images = operation == Operation.ImageEdits ? ReadImages(body) : [];
        if (operation == Operation.ImageEdits && images.Count == 0)
        {
            throw new GenerationFormatException("'image' must be a picture.", "image");
        }
        return new ImageRequest
        {
            Prompt = body.Text("prompt") ?? throw new GenerationFormatException("'prompt' must be a text.", "prompt"),
            Images = images,
            Count = Math.Max(body.Whole("n") ?? 1, 1),
            Size = ReadSize(body.Text("size")),
            AsUrl = body.Text("response_format") == "url",
            Stream = body.Flag("stream"),
            Others = [.. body.Others("prompt", "n", "size", "response_format", "stream", "image", "images").Where(name => !IsDefault(name, body))],
        };
    }

    // Asks for what is done anyway.
    private static bool IsDefault(string name, CapabilityBody body) => name switch
    {
        "quality" or "background" or "moderation" => body.Text(name) == "auto",
        "output_format" => body.Text(name) == "png",
        "partial_images" => body.Whole(name) == 0,
        _ => false,
    };

    private static (int Width, int Height)? ReadSize(string? size)
    {
        if (size is null or "auto")
        {
            return null;
        }
        return size.Split('x') is [var width, var height] && TryParse(width, out int w) && TryParse(height, out int h)
            ? (w, h)
            : throw new GenerationFormatException("'size' must be 'auto', or width and height in pixels such as '1024x1024'.", "size");
    }

    private static bool TryParse(string text, out int pixels) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out pixels) && pixels is > 0 and < 100_000;

    private static List<CapabilityFile> ReadImages(CapabilityBody body) =>
    [
        .. body.Files("image").Select(f => new CapabilityFile(f.Content, MediaTypes.Of(f, "image/", "image/png"))),
        .. body.Json.Items("images").Select(ReadImage),
    ];

    private static CapabilityFile ReadImage(JsonElement image)
    {
        MediaSource source = MediaSource.OfUrl(image.Text("image_url") ?? "");
        return source.Data is { } data
            ? new CapabilityFile(Convert.FromBase64String(data), source.MediaType ?? "image/png")
            : throw new GenerationFormatException("The provider takes pictures themselves; addresses and ids of files are not fetched.", "images");
    }

    public CapabilityContent WriteAnswer(ImageAnswer answer, ImageRequest request, DateTimeOffset now)
    {
        if (request.Stream)
        {
            string type = operation == Operation.ImageEdits ? "image_edit.completed" : "image_generation.completed";
            return CapabilityContent.Stream(
                answer.Usage,
                [.. answer.Images.Select((image, i) => (Action<Utf8JsonWriter>)(json => WriteEvent(json, type, image, i == answer.Images.Count - 1 ? answer : null, now)))]);
        }
        return CapabilityContent.Json(json => Write(json, answer, request, now), answer.Usage);
    }

    private static void Write(Utf8JsonWriter json, ImageAnswer answer, ImageRequest request, DateTimeOffset now)
    {
        json.WriteStartObject();
        json.WriteNumber("created"u8, now.ToUnixTimeSeconds());
        json.WriteStartArray("data"u8);
        foreach (GeneratedImage image in answer.Images)
        {
            json.WriteStartObject();
            if (request.AsUrl)
            {
                json.WriteString("url"u8, $"data:{image.MediaType};base64,{image.Data}");
            }
            else
            {
                json.WriteString("b64_json"u8, image.Data);
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteString("output_format"u8, FormatOf(answer.Images[0]));
        WriteUsage(json, answer);
        json.WriteEndObject();
    }

    /// <param name="whole">In the last event, which tells what all of it used.</param>
    private static void WriteEvent(Utf8JsonWriter json, string type, GeneratedImage image, ImageAnswer? whole, DateTimeOffset now)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, type);
        json.WriteString("b64_json"u8, image.Data);
        json.WriteNumber("created_at"u8, now.ToUnixTimeSeconds());
        json.WriteString("size"u8, "auto"u8);
        json.WriteString("quality"u8, "auto"u8);
        json.WriteString("background"u8, "auto"u8);
        json.WriteString("output_format"u8, FormatOf(image));
        if (whole is not null)
        {
            WriteUsage(json, whole);
        }
        json.WriteEndObject();
    }

    private static void WriteUsage(Utf8JsonWriter json, ImageAnswer answer) =>
        TokenUsage.Write(json, answer.Usage, null, "input_tokens_details", ("image_tokens", answer.ImageInputTokens));

    private static string FormatOf(GeneratedImage image) => image.MediaType["image/".Length..];
}
