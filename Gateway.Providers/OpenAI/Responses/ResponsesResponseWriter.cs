using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.OpenAI.Responses;

/// <summary>Writes a whole answer.</summary>
internal sealed class ResponsesResponseWriter
{
    private readonly ResponseContext _context;
    private readonly Utf8JsonWriter _writer;
    private readonly ConversionNotes _notes;
    private readonly ResponsesItemWriter _items;
    private readonly Candidate? _candidate;
    private readonly string? _incomplete;
    private JsonElement _logprobs;

    private ResponsesResponseWriter(Candidate? candidate, ResponseContext context, Utf8JsonWriter writer, ConversionNotes notes)
    {
        (_candidate, _context, _writer, _notes) = (candidate, context, writer, notes);
        _items = new ResponsesItemWriter(writer, notes);
        // No candidate at all: the prompt itself was refused.
        _incomplete = ResponsesStatus.IncompleteReason(candidate?.Finish ?? FinishReason.ContentFilter, candidate?.Parts.Any(p => p is RefusalPart) ?? false);
        _logprobs = candidate?.Logprobs ?? default;
    }

    public static void Write(GenerationResponse response, ResponseContext context, Utf8JsonWriter writer, ConversionNotes notes)
    {
        if (response.Candidates.Count > 1)
        {
            notes.Lose("choices", "Responses gives one answer.");
        }
        var body = new ResponsesObject(context, context.NewId("resp_"), (response.CreatedAt ?? context.Now).ToUnixTimeSeconds());
        var self = new ResponsesResponseWriter(response.Candidates.Count == 0 ? null : response.Candidates[0], context, writer, notes);
        body.Begin(writer, self._incomplete is null ? ResponsesItemWriter.Completed : ResponsesItemWriter.Incomplete, self._incomplete);
        self.WriteOutput();
        body.End(writer, response.Usage, response.RawUsage, response.ServiceTier);
        VendorExtension.WriteAll(response.Extensions, Wire.OpenAIResponses, writer, notes);
        writer.WriteEndObject();
    }

    private void WriteOutput()
    {
        if (_candidate?.Raw is { Wire: Wire.OpenAIResponses } raw && raw.Json.ValueKind == JsonValueKind.Array)
        {
            raw.Json.WriteTo(_writer);
            return;
        }
        _writer.WriteStartArray();
        List<Part> content = [];
        foreach (Part part in _candidate?.Parts ?? [])
        {
            if (part is TextPart or RefusalPart)
            {
                content.Add(part);
                continue;
            }
            FlushMessage(content, last: false);
            WriteItem(part);
        }
        FlushMessage(content, last: true);
        _writer.WriteEndArray();
    }

    private void FlushMessage(List<Part> content, bool last)
    {
        if (content.Count == 0)
        {
            return;
        }
        _items.BeginMessage(_context.NewId("msg_"), last && _incomplete is not null ? ResponsesItemWriter.Incomplete : ResponsesItemWriter.Completed);
        foreach (Part part in content)
        {
            if (part is TextPart text)
            {
                if (text.Signature is not null)
                {
                    _notes.Lose("signature", "Responses has no place for the signature of a text.");
                }
                _items.Text(text.Text, text.Citations, _logprobs);
                _logprobs = default;
            }
            else
            {
                _items.Refusal(((RefusalPart)part).Text);
            }
        }
        _items.EndMessage();
        content.Clear();
    }

    private void WriteItem(Part part)
    {
        switch (part)
        {
            case ReasoningPart reasoning:
                _items.Reasoning(_context.NewId("rs_"), reasoning.Text, ResponsesReasoning.Encrypted(reasoning.Origin, reasoning.Signature));
                break;
            case ToolCallPart call:
                _items.Call(_context.NewId("fc_"), call, ResponsesToolName.Of(_context.Request, call.Name), ResponsesItemWriter.Completed);
                break;
            case MediaPart { Kind: MediaKind.Image, Source.Data: { } data } image:
                _items.Image(_context.NewId("ig_"), data, image.Source.MediaType ?? "image/png", ResponsesItemWriter.Completed);
                break;
            case MediaPart media:
                if (media.Transcript is { Length: > 0 } transcript)
                {
                    FlushMessage([new TextPart(transcript)], last: false);
                }
                _notes.Lose("part:" + (media.Kind == MediaKind.Image ? "image_url" : media.Kind.ToString().ToLowerInvariant()), "A Responses answer carries no such medium.");
                break;
            case OpaquePart { Wire: Wire.OpenAIResponses } own:
                own.Json.WriteTo(_writer);
                break;
            case OpaquePart other:
                _notes.Lose("part:" + other.Type, "Responses has no such item.");
                break;
        }
    }
}
