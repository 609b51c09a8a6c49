using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Anthropic;

/// <summary>Writes a whole answer, with every field that the official clients demand.</summary>
internal sealed class AnthropicResponseWriter(Utf8JsonWriter writer, ConversionNotes notes)
{
    public void Write(GenerationResponse response, ResponseContext context)
    {
        Candidate candidate = response.Candidates.Count > 0 ? response.Candidates[0] : new Candidate(0, [], FinishReason.Refusal);
        if (response.Candidates.Count > 1)
        {
            notes.Lose("choices", "Anthropic gives one answer; the first was taken.");
        }
        if (candidate.Logprobs.ValueKind == JsonValueKind.Object)
        {
            notes.Lose("logprobs", "Anthropic has no log probabilities.");
        }
        bool own = response.Origin == Wire.AnthropicMessages;
        string id = own && response.Id is not null ? response.Id : context.NewId("msg_");
        string reason = own && candidate.RawFinish is not null ? candidate.RawFinish : AnthropicFinish.Write(candidate.Finish);
        writer.WriteStartObject();
        writer.WriteString("id", id);
        writer.WriteString("type", "message");
        writer.WriteString("role", "assistant");
        writer.WriteString("model", context.Model);
        writer.WritePropertyName("content");
        WriteContent(candidate);
        writer.WriteString("stop_reason", reason);
        writer.WriteString("stop_sequence", candidate.StopSequence);
        WriteDetails(refused: !own && reason == "refusal", response.Extensions);
        AnthropicUsage.Write(writer, response.Usage, response.RawUsage, response.ServiceTier);
        VendorExtension.WriteAll(response.Extensions, Wire.AnthropicMessages, writer, notes);
        writer.WriteEndObject();
    }

    private void WriteContent(Candidate candidate)
    {
        if (candidate.Raw is { Wire: Wire.AnthropicMessages } raw)
        {
            raw.Json.GetProperty("content").WriteTo(writer);
            return;
        }
        writer.WriteStartArray();
        foreach (Part part in candidate.Parts)
        {
            AnthropicAnswerBlock.Write(writer, part, notes);
            if (part is not ToolCallPart && AnthropicPartSignature.Of(part) is { } signature)
            {
                AnthropicAnswerBlock.WriteRedacted(writer, AnthropicPartSignature.ToData(signature));
            }
        }
        writer.WriteEndArray();
    }

    // Fields that are there even when there is nothing to say; real ones come as extensions.
    private void WriteDetails(bool refused, IReadOnlyList<VendorExtension> extensions)
    {
        foreach (string name in (ReadOnlySpan<string>)["stop_details", "container", "diagnostics"])
        {
            if (extensions.Any(e => e.Wire == Wire.AnthropicMessages && e.Name == name))
            {
                continue;
            }
            if (name == "stop_details" && refused)
            {
                writer.WriteStartObject(name);
                writer.WriteString("type", "refusal");
                writer.WriteNull("category");
                writer.WriteNull("explanation");
                writer.WriteEndObject();
            }
            else
            {
                writer.WriteNull(name);
            }
        }
    }
}
