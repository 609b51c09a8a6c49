using System.Text.Json;
using Gateway.Core.Capabilities;
using Gateway.Core.Generation;

namespace Gateway.Providers.Gemini;

/// <summary>What capabilities that are served by <c>generateContent</c> have in common.</summary>
internal static class GeminiResults
{
    // What Google documents for a request with its files in it.
    private const int MostInline = 20 * 1024 * 1024;

    /// <summary>The first candidate's parts that are wanted, without its thoughts.</summary>
    public static List<JsonElement> PartsOf(JsonElement answer, Func<JsonElement, bool> isWanted)
    {
        answer.GetItems("candidates").FirstOrDefault().Get("content", out JsonElement content);
        return [.. content.GetItems("parts").Where(p => p.GetFlag("thought") != true && isWanted(p))];
    }

    /// <summary>As <see cref="PartsOf(JsonElement, Func{JsonElement, bool})"/>, of one kind of <c>inlineData</c>; at least one.</summary>
    /// <param name="what">For the error where there is none.</param>
    public static List<JsonElement> BlobsOf(JsonElement answer, string kind, string what) =>
        PartsOf(answer, p => IsBlob(p, kind)) is { Count: > 0 } blobs ? blobs : throw None(answer, what);

    /// <summary>The model ended of its own accord.</summary>
    public static bool IsWhole(JsonElement answer) => answer.GetItems("candidates").FirstOrDefault().GetText("finishReason") == "STOP";

    /// <summary>Says why there is no result, as far as Google does.</summary>
    public static GenerationFormatException None(JsonElement answer, string what)
    {
        answer.Get("promptFeedback", out JsonElement feedback);
        string? reason = feedback.GetText("blockReason") ?? answer.GetItems("candidates").FirstOrDefault().GetText("finishReason");
        return new GenerationFormatException($"The model gave no {what} ({reason ?? "no reason said"}).");
    }

    private static bool IsBlob(JsonElement part, string kind) =>
        part.Get("inlineData", out JsonElement blob) && blob.GetText("mimeType")?.StartsWith(kind, StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>The part of the prompt's tokens that were of one modality, for example <c>IMAGE</c>.</summary>
    public static long PromptTokensOf(JsonElement answer, string modality)
    {
        answer.Get("usageMetadata", out JsonElement usage);
        return usage.GetItems("promptTokensDetails").Where(d => d.GetText("modality") == modality).Sum(d => Math.Clamp(d.GetWhole("tokenCount") ?? 0, 0, int.MaxValue));
    }

    /// <exception cref="GenerationFormatException">It is too large to be sent this way.</exception>
    public static void WriteFile(CapabilityFile file, Utf8JsonWriter json, string param)
    {
        if (file.Data.Length > MostInline)
        {
            throw new GenerationFormatException($"The provider takes files of at most {MostInline} bytes.", param);
        }
        json.WriteStartObject();
        json.WriteStartObject("inlineData"u8);
        json.WriteString("mimeType"u8, file.MediaType);
        json.WriteBase64String("data"u8, file.Data.Span);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    public static void WriteText(string text, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("text"u8, text);
        json.WriteEndObject();
    }

    /// <summary>Begins the body, as far as into the parts of the user's turn.</summary>
    public static void BeginParts(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartArray("contents"u8);
        json.WriteStartObject();
        json.WriteString("role"u8, "user"u8);
        json.WriteStartArray("parts"u8);
    }

    /// <summary>Ends the parts, as far as into <c>generationConfig</c>; the caller ends that and the body.</summary>
    public static void BeginConfig(Utf8JsonWriter json)
    {
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteStartObject("generationConfig"u8);
    }

    public static void WriteModality(Utf8JsonWriter json, string modality)
    {
        json.WriteStartArray("responseModalities"u8);
        json.WriteStringValue(modality);
        json.WriteEndArray();
    }

    public static void End(Utf8JsonWriter json)
    {
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
