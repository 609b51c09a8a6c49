using System.Globalization;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Gemini;

/// <summary>Writes a whole answer.</summary>
internal sealed class GeminiResponseWriter(Utf8JsonWriter writer, ConversionNotes notes)
{
    public void Write(GenerationResponse response, ResponseContext context)
    {
        bool own = response.Origin == Wire.Gemini;
        writer.WriteStartObject();
        if (Feedback(response) is { ValueKind: JsonValueKind.Object } feedback)
        {
            writer.WritePropertyName(GeminiResponseReader.PromptFeedback);
            feedback.WriteTo(writer);
        }
        else
        {
            writer.WriteStartArray("candidates");
            foreach (Candidate candidate in response.Candidates)
            {
                WriteCandidate(candidate, own);
            }
            writer.WriteEndArray();
        }
        if (response.RawUsage is { Wire: Wire.Gemini } usage)
        {
            writer.WritePropertyName("usageMetadata");
            usage.Json.WriteTo(writer);
        }
        else
        {
            GeminiUsage.Write(response.Usage, writer);
        }
        writer.WriteString("modelVersion", context.Model);
        if (own && response.CreatedAt is { } created)
        {
            writer.WriteString("createTime", created.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
        }
        writer.WriteString("responseId", own && response.Id is not null ? response.Id : context.NewId(""));
        VendorExtension.WriteAll(response.Extensions, Wire.Gemini, writer, notes);
        writer.WriteEndObject();
    }

    private static JsonElement Feedback(GenerationResponse response) =>
        response.Candidates is [{ Parts.Count: 0, Extensions: [{ Wire: Wire.Gemini, Name: GeminiResponseReader.PromptFeedback } feedback] }] ? feedback.Value : default;

    private void WriteCandidate(Candidate candidate, bool own)
    {
        writer.WriteStartObject();
        writer.WritePropertyName("content");
        if (candidate.Raw is { Wire: Wire.Gemini } raw)
        {
            raw.Json.WriteTo(writer);
        }
        else
        {
            writer.WriteStartObject();
            writer.WriteStartArray("parts");
            var parts = new GeminiAnswerParts(writer, notes);
            foreach (Part part in candidate.Parts)
            {
                parts.Write(part);
            }
            writer.WriteEndArray();
            writer.WriteString("role", "model");
            writer.WriteEndObject();
        }
        writer.WriteString("finishReason", GeminiFinish.Write(candidate.Finish, own ? candidate.RawFinish : null));
        writer.WriteNumber("index", candidate.Index);
        if (candidate.Logprobs.ValueKind == JsonValueKind.Object)
        {
            GeminiLogprobs.Write(candidate.Logprobs, writer);
        }
        if (!candidate.Extensions.Any(e => e.Name == "groundingMetadata" && e.Wire == Wire.Gemini))
        {
            WriteCitations(candidate);
        }
        VendorExtension.WriteAll(candidate.Extensions, Wire.Gemini, writer, notes);
        writer.WriteEndObject();
    }

    private void WriteCitations(Candidate candidate)
    {
        if (candidate.Parts.OfType<TextPart>().FirstOrDefault(t => t.Citations.Count > 0) is { } first)
        {
            notes.Bridge("citations", "Sources stand in 'groundingMetadata'.");
            List<TextPart> cited = [.. candidate.Parts.OfType<TextPart>().Where(t => t.Citations.Count > 0)];
            // A segment is found by its own words and offsets within one part: the first that has sources.
            List<Citation> citations = [.. first.Citations, .. cited.Skip(1).SelectMany(t => t.Citations).Select(c => c with { Start = null, End = null })];
            GeminiCitations.Write(citations, first.Text, writer);
        }
    }
}
