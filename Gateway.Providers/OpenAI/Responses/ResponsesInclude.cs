using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;

namespace Gateway.Providers.OpenAI.Responses;

/// <summary>The <c>include</c> field: what else the answer is to hold.</summary>
internal static class ResponsesInclude
{
    public const string Logprobs = "message.output_text.logprobs";

    // Every other wire sends the proof of its thoughts unasked.
    public const string EncryptedReasoning = "reasoning.encrypted_content";

    public static bool WantsLogprobs(JsonElement json) => json.Items("include").Any(i => IsText(i, Logprobs));

    /// <summary>
    /// The field, as it came; where all of it is carried otherwise (or holds nothing), other wires lose nothing by it.
    /// </summary>
    public static void AddUnknown(JsonElement json, List<VendorExtension> extensions)
    {
        if (json.Has("include", out JsonElement include) && include.ValueKind == JsonValueKind.Array && include.GetArrayLength() > 0)
        {
            bool carried = include.EnumerateArray().All(i => IsText(i, EncryptedReasoning) || IsText(i, Logprobs));
            extensions.Add(new VendorExtension(Wire.OpenAIResponses, "include", include) { TunesOnly = carried });
        }
    }

    private static bool IsText(JsonElement item, string text) => item.ValueKind == JsonValueKind.String && item.ValueEquals(text);
}
