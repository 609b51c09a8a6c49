using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Cohere.Chat;

/// <summary>Writes a whole chat answer.</summary>
internal sealed class CohereResponseWriter(Utf8JsonWriter writer, ConversionNotes notes)
{
    public void Write(GenerationResponse response, ResponseContext context)
    {
        if (response.Candidates.Count > 1)
        {
            notes.Lose("choices", "Cohere has one answer only.");
        }
        Candidate candidate = response.Candidates.Count > 0 ? response.Candidates[0] : new Candidate(0, [], FinishReason.ContentFilter);
        writer.WriteStartObject();
        writer.WriteString("id", response.Origin == Wire.CohereChat && response.Id is { } id ? id : context.NewId(""));
        writer.WriteStartObject("message");
        writer.WriteString("role", "assistant");
        WriteContent(candidate.Parts);
        CohereMessageWriter.WriteCalls(writer, [.. candidate.Parts.OfType<ToolCallPart>()], candidate.Parts.OfType<ReasoningPart>());
        WriteCitations(candidate.Parts);
        writer.WriteEndObject();
        writer.WriteString("finish_reason", response.Origin == Wire.CohereChat && candidate.RawFinish is { } raw ? raw : CohereFinish.Write(candidate.Finish, candidate.Parts.Any(p => p is RefusalPart)));
        CohereUsage.Write(writer, response.Usage);
        if (candidate.Logprobs.ValueKind == JsonValueKind.Object)
        {
            notes.Lose("logprobs", "Cohere's log probabilities have a shape of their own.");
        }
        VendorExtension.WriteAll(response.Extensions, Wire.CohereChat, writer, notes);
        writer.WriteEndObject();
    }

    private void WriteContent(IReadOnlyList<Part> parts)
    {
        bool begun = false;
        foreach (Part part in parts)
        {
            switch (part)
            {
                case TextPart or RefusalPart or MediaPart { Transcript.Length: > 0 }:
                case ReasoningPart { Id: not CohereParts.ToolPlan }:
                    if (!begun)
                    {
                        begun = true;
                        writer.WriteStartArray("content");
                    }
                    WritePart(part);
                    break;
                case MediaPart media:
                    notes.Lose("part:" + media.Kind.ToString().ToLowerInvariant(), "Cohere answers in text only.");
                    break;
                case OpaquePart opaque:
                    notes.Lose("part:" + opaque.Type, "A message of Cohere's has no such part.");
                    break;
                case ToolCallPart { Signature: not null }:
                    notes.Lose("signature", "A signature on a tool call means nothing here.");
                    break;
            }
        }
        if (begun)
        {
            writer.WriteEndArray();
        }
    }

    private void WritePart(Part part)
    {
        if (part is ReasoningPart thought)
        {
            CohereMessageWriter.WriteThinking(writer, thought);
            return;
        }
        if (part is TextPart { Signature: not null })
        {
            notes.Lose("signature", "A signature on text means nothing here.");
        }
        writer.WriteStartObject();
        writer.WriteString("type", "text");
        if (part is MediaPart)
        {
            notes.Lose("part:audio", "Of the sound that the model made only its words were sent.");
        }
        writer.WriteString("text", part switch { TextPart text => text.Text, MediaPart sound => sound.Transcript, _ => ((RefusalPart)part).Text });
        writer.WriteEndObject();
    }

    private void WriteCitations(IReadOnlyList<Part> parts)
    {
        List<Citation> citations = [.. parts.OfType<TextPart>().SelectMany(t => t.Citations)];
        List<Citation> own = citations.FindAll(c => c.Raw?.Wire == Wire.CohereChat);
        if (own.Count < citations.Count)
        {
            notes.Lose("citations", "Cohere cites documents and tools of the request only.");
        }
        if (own.Count > 0)
        {
            writer.WriteStartArray("citations");
            own.ForEach(c => c.Raw!.Json.WriteTo(writer));
            writer.WriteEndArray();
        }
    }
}
