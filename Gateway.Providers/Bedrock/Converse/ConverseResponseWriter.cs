using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Bedrock.Converse;

/// <summary>Writes a whole Converse answer.</summary>
internal sealed class ConverseResponseWriter(Utf8JsonWriter writer, ConversionNotes notes)
{
    public void Write(GenerationResponse response)
    {
        if (response.Candidates.Count > 1)
        {
            notes.Lose("choices", "Converse has one answer only.");
        }
        Candidate candidate = response.Candidates.Count > 0 ? response.Candidates[0] : new Candidate(0, [], FinishReason.ContentFilter);
        writer.WriteStartObject();
        writer.WriteStartObject("output");
        writer.WriteStartObject("message");
        writer.WriteString("role", "assistant");
        writer.WriteStartArray("content");
        var blocks = new ConverseBlockWriter(writer, notes, request: false);
        foreach (Part part in candidate.Parts)
        {
            if (part is ReasoningPart || ConverseBlockWriter.IsWritable(part))
            {
                blocks.Write(part);
            }
            else
            {
                blocks.NoteLost(part);
            }
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteString("stopReason", ReasonOf(candidate, response.Origin));
        ConverseUsage.Write(writer, response.Usage);
        if (candidate.Logprobs.ValueKind == JsonValueKind.Object)
        {
            notes.Lose("logprobs", "Converse has no log probabilities.");
        }
        if (!response.Extensions.Any(e => e is { Wire: Wire.BedrockConverse, Name: "metrics" }))
        {
            writer.WriteStartObject("metrics");
            writer.WriteNumber("latencyMs", 0);
            writer.WriteEndObject();
        }
        if (response.ServiceTier is { } tier)
        {
            writer.WriteStartObject("serviceTier");
            writer.WriteString("type", tier);
            writer.WriteEndObject();
        }
        VendorExtension.WriteAll(response.Extensions, Wire.BedrockConverse, writer, notes);
        writer.WriteEndObject();
    }

    private static string ReasonOf(Candidate candidate, Wire? origin) =>
        origin == Wire.BedrockConverse && candidate.RawFinish is { } raw ? raw : ConverseFinish.Write(candidate.Finish, candidate.Parts.Any(p => p is RefusalPart));
}
