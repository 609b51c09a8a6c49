using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;

namespace Gateway.Providers.Gemini;

/// <summary>Writes <c>generationConfig</c>.</summary>
internal static class GeminiConfigWriter
{
    /// <summary>What the names of extensions begin with that belong into <c>generationConfig</c>.</summary>
    public const string Prefix = "generationConfig.";
    public const string ThinkingPrefix = Prefix + "thinkingConfig.";
    public const string ToolConfigPrefix = "toolConfig.";
    private const int MostStops = 5;

    public static void Write(GenerationRequest request, Utf8JsonWriter writer, ConversionNotes notes)
    {
        List<VendorExtension> extensions = [.. request.Extensions.Where(
            e => e.Wire == Wire.Gemini && e.Name.StartsWith(Prefix, StringComparison.Ordinal) && !e.Name.StartsWith(ThinkingPrefix, StringComparison.Ordinal))];
        writer.WriteStartObject("generationConfig");
        WriteSampling(request.Sampling, writer, notes);
        WriteOutput(request, writer, notes);
        GeminiThinking.Write(request, writer, notes);
        foreach (VendorExtension extension in extensions)
        {
            writer.WritePropertyName(extension.Name[Prefix.Length..]);
            extension.Value.WriteTo(writer);
        }
        writer.WriteEndObject();
    }

    private static void WriteSampling(Sampling sampling, Utf8JsonWriter writer, ConversionNotes notes)
    {
        WriteNumber("maxOutputTokens", sampling.MaxOutputTokens, writer);
        WriteNumber("temperature", sampling.Temperature, writer);
        WriteNumber("topP", sampling.TopP, writer);
        WriteNumber("topK", sampling.TopK, writer);
        WriteNumber("frequencyPenalty", sampling.FrequencyPenalty, writer);
        WriteNumber("presencePenalty", sampling.PresencePenalty, writer);
        WriteNumber("candidateCount", sampling.Choices, writer);
        WriteNumber("seed", sampling.Seed is { } seed ? Seed(seed, notes) : null, writer);
        if (sampling.Logprobs is { } logprobs)
        {
            writer.WriteBoolean("responseLogprobs", logprobs);
        }
        if (sampling.Logprobs == true)
        {
            WriteNumber("logprobs", sampling.TopLogprobs, writer);
        }
        if (sampling.Stop.Count > 0)
        {
            writer.WriteStartArray("stopSequences");
            foreach (string stop in sampling.Stop.Take(MostStops))
            {
                writer.WriteStringValue(stop);
            }
            writer.WriteEndArray();
        }
        if (sampling.Stop.Count > MostStops)
        {
            notes.Lose("stop", $"Gemini takes at most {MostStops} stop sequences.");
        }
    }

    private static void WriteNumber(string name, double? value, Utf8JsonWriter writer)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, number);
        }
    }

    // The same seed still gives the same answer, which is all that it is for.
    private static int Seed(long seed, ConversionNotes notes)
    {
        if (seed is < int.MinValue or > int.MaxValue)
        {
            notes.Bridge("seed", "Gemini's seeds have 32 bits; this one was folded.");
            return (int)(seed ^ (seed >> 32)) & int.MaxValue;
        }
        return (int)seed;
    }

    private static void WriteOutput(GenerationRequest request, Utf8JsonWriter writer, ConversionNotes notes)
    {
        if (request.Output is not { Kind: not OutputFormatKind.Text } output)
        {
            return;
        }
        writer.WriteString("responseMimeType", "application/json");
        if (output.Kind == OutputFormatKind.JsonObject || output.Schema.ValueKind != JsonValueKind.Object)
        {
            return;
        }
        if (GeminiModelName.TakesJsonSchema(request.Model))
        {
            writer.WritePropertyName("responseJsonSchema");
            output.Schema.WriteTo(writer);
        }
        else
        {
            writer.WritePropertyName("responseSchema");
            new GeminiSchemaSubset(writer, notes).Write(output.Schema);
        }
    }
}
