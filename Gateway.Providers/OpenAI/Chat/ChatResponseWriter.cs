using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.OpenAI.Chat;

/// <summary>Writes a whole Chat answer.</summary>
internal sealed class ChatResponseWriter(Utf8JsonWriter writer, ConversionNotes notes)
{
    public void Write(GenerationResponse response, ResponseContext context)
    {
        writer.WriteStartObject();
        writer.WriteString("id", context.NewId("chatcmpl-"));
        writer.WriteString("object", "chat.completion");
        writer.WriteNumber("created", (response.CreatedAt ?? context.Now).ToUnixTimeSeconds());
        writer.WriteString("model", context.Model);
        writer.WriteStartArray("choices");
        foreach (Candidate candidate in response.Candidates)
        {
            WriteChoice(candidate);
        }
        if (response.Candidates.Count == 0)
        {
            // The prompt itself was refused; Chat says that as an empty answer.
            WriteChoice(new Candidate(0, [], FinishReason.ContentFilter));
        }
        writer.WriteEndArray();
        ChatUsage.Write(writer, response.Usage);
        if (response.ServiceTier is not null)
        {
            writer.WriteString("service_tier", response.ServiceTier);
        }
        VendorExtension.WriteAll(response.Extensions, Wire.OpenAIChat, writer, notes);
        writer.WriteEndObject();
    }

    private void WriteChoice(Candidate candidate)
    {
        writer.WriteStartObject();
        writer.WriteNumber("index", candidate.Index);
        writer.WriteStartObject("message");
        writer.WriteString("role", "assistant");
        List<TextPart> texts = [.. candidate.Parts.OfType<TextPart>()];
        if (texts.Count > 0)
        {
            writer.WriteString("content", string.Concat(texts.Select(t => t.Text)));
        }
        else
        {
            writer.WriteNull("content");
        }
        string refusal = string.Concat(candidate.Parts.OfType<RefusalPart>().Select(r => r.Text));
        writer.WriteString("refusal", refusal.Length > 0 ? refusal : null);
        ChatReasoning.Write(writer, [.. candidate.Parts.OfType<ReasoningPart>()]);
        WriteAnnotations(texts);
        WriteMedia([.. candidate.Parts.OfType<MediaPart>()]);
        WriteCalls([.. candidate.Parts.OfType<ToolCallPart>()]);
        ChatReasoning.WriteGoogleSignature(writer, texts.LastOrDefault(t => t.Signature is not null)?.Signature);
        foreach (OpaquePart opaque in candidate.Parts.OfType<OpaquePart>())
        {
            notes.Lose("part:" + opaque.Type, "A Chat message has no such part.");
        }
        writer.WriteEndObject();
        writer.WritePropertyName("logprobs");
        if (candidate.Logprobs.ValueKind == JsonValueKind.Object)
        {
            candidate.Logprobs.WriteTo(writer);
        }
        else
        {
            writer.WriteNullValue();
        }
        writer.WriteString("finish_reason", ChatFinish.Write(candidate.Finish));
        writer.WriteEndObject();
    }

    private void WriteAnnotations(List<TextPart> texts)
    {
        if (!texts.Exists(t => t.Citations.Count > 0))
        {
            return;
        }
        writer.WriteStartArray("annotations");
        int offset = 0;
        foreach (TextPart text in texts)
        {
            foreach (Citation citation in text.Citations)
            {
                if (citation.Url is null && citation.Raw?.Wire != Wire.OpenAIChat)
                {
                    notes.Lose("citations", "Chat Completions cites addresses only.");
                    continue;
                }
                ChatCitations.Write(writer, citation, offset);
            }
            offset += text.Text.Length;
        }
        writer.WriteEndArray();
    }

    private void WriteMedia(List<MediaPart> media)
    {
        if (media.Find(m => m.Kind == MediaKind.Audio) is { } audio)
        {
            writer.WriteStartObject("audio");
            writer.WriteString("id", audio.Name ?? "audio_0");
            writer.WriteString("data", audio.Source.Data ?? "");
            writer.WriteNumber("expires_at", 0);
            writer.WriteString("transcript", audio.Transcript ?? "");
            writer.WriteEndObject();
        }
        List<MediaPart> images = media.FindAll(m => m.Kind == MediaKind.Image && m.Source.FileId is null);
        if (images.Count > 0)
        {
            notes.Bridge("part:image", "Pictures in an answer stand in 'images', as OpenRouter has them.");
            writer.WriteStartArray("images");
            foreach (MediaPart image in images)
            {
                writer.WriteStartObject();
                writer.WriteString("type", "image_url");
                writer.WriteStartObject("image_url");
                writer.WriteString("url", image.Source.ToUrl("image/png"));
                writer.WriteEndObject();
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        }
        if (media.Exists(m => m.Kind is MediaKind.Video or MediaKind.Document))
        {
            notes.Lose("part:file", "A Chat answer carries no files.");
        }
    }

    private void WriteCalls(List<ToolCallPart> calls)
    {
        if (calls.Count > 0)
        {
            writer.WriteStartArray("tool_calls");
            foreach (ToolCallPart call in calls)
            {
                ChatPartWriter.WriteAnswerCall(writer, call, null);
            }
            writer.WriteEndArray();
        }
    }
}
