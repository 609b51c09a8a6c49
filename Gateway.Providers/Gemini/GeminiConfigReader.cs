using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;

namespace Gateway.Providers.Gemini;

/// <summary>Reads <c>generationConfig</c>.</summary>
internal static class GeminiConfigReader
{
    private static readonly HashSet<string> Known =
    [
        "temperature", "topP", "topK", "candidateCount", "maxOutputTokens", "stopSequences", "seed", "presencePenalty", "frequencyPenalty",
        "responseMimeType", "responseSchema", "responseJsonSchema", "_responseJsonSchema", "responseLogprobs", "logprobs", "thinkingConfig",
    ];

    private static readonly HashSet<string> KnownThinking = ["includeThoughts", "thinkingBudget", "thinkingLevel"];

    public static Sampling ReadSampling(JsonElement config) => new()
    {
        MaxOutputTokens = config.GetWhole32("maxOutputTokens"),
        Temperature = config.GetNumber("temperature"),
        TopP = config.GetNumber("topP"),
        TopK = config.GetWhole32("topK"),
        Stop = config.GetTexts("stopSequences"),
        Seed = config.GetWhole("seed"),
        FrequencyPenalty = config.GetNumber("frequencyPenalty"),
        PresencePenalty = config.GetNumber("presencePenalty"),
        Choices = config.GetWhole32("candidateCount"),
        Logprobs = config.GetFlag("responseLogprobs"),
        TopLogprobs = config.GetWhole32("logprobs"),
    };

    public static ReasoningSettings? ReadReasoning(JsonElement config)
    {
        if (!config.Get("thinkingConfig", out JsonElement thinking))
        {
            return null;
        }
        int? budget = thinking.GetWhole32("thinkingBudget");
        return new ReasoningSettings
        {
            Enabled = budget is null ? null : budget != 0,
            BudgetTokens = budget,
            Effort = ReasoningEfforts.Parse(thinking.GetText("thinkingLevel")?.ToLowerInvariant()),
            IncludeThoughts = thinking.GetFlag("includeThoughts"),
        };
    }

    public static OutputFormat? ReadOutput(JsonElement config)
    {
        if (config.GetText("responseMimeType") != "application/json")
        {
            return null;
        }
        return Schema(config) is { ValueKind: not JsonValueKind.Undefined } schema
            ? new OutputFormat(OutputFormatKind.JsonSchema) { Schema = schema }
            : new OutputFormat(OutputFormatKind.JsonObject);
    }

    private static JsonElement Schema(JsonElement config) =>
        config.Get("responseJsonSchema", out JsonElement schema) || config.Has("_responseJsonSchema", out schema) ? schema
        : config.Get("responseSchema", out schema) ? GeminiSchema.ToJsonSchema(schema)
        : default;

    /// <summary>What only this wire has, text of a set of words (<c>text/x.enum</c>) included.</summary>
    public static IEnumerable<VendorExtension> ReadExtensions(JsonElement config)
    {
        foreach ((string name, JsonElement value) in config.Others(Known))
        {
            if (!(name == "responseModalities" && IsTextOnly(value)))
            {
                yield return new VendorExtension(Wire.Gemini, GeminiConfigWriter.Prefix + name, value);
            }
        }
        if (config.GetText("responseMimeType") is not (null or "application/json" or "text/plain"))
        {
            foreach (string name in (string[])["responseMimeType", "responseSchema", "responseJsonSchema"])
            {
                if (config.Get(name, out JsonElement value))
                {
                    yield return new VendorExtension(Wire.Gemini, GeminiConfigWriter.Prefix + name, value);
                }
            }
        }
        if (config.Get("thinkingConfig", out JsonElement thinking))
        {
            foreach ((string name, JsonElement value) in thinking.Others(KnownThinking))
            {
                yield return new VendorExtension(Wire.Gemini, GeminiConfigWriter.ThinkingPrefix + name, value);
            }
        }
    }

    // Many clients say so always; it is what happens anyway.
    private static bool IsTextOnly(JsonElement modalities) =>
        modalities.ValueKind == JsonValueKind.Array && modalities.GetArrayLength() == 1
        && modalities[0].ValueKind == JsonValueKind.String && modalities[0].ValueEquals("TEXT");
}
