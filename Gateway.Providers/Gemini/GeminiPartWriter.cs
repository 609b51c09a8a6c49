using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Gemini;

/// <summary>Writes the parts of a request.</summary>
internal sealed class GeminiPartWriter(Utf8JsonWriter writer, ConversionNotes notes, string model)
{
    // Calls that stand verbatim in the conversation without an id: their results must have none either.
    private readonly HashSet<string> _unnamed = [];

    public void NoteUnnamed(Message message, JsonElement raw)
    {
        List<JsonElement> calls = [.. raw.GetItems("parts").Where(p => p.Get("functionCall", out _))];
        List<ToolCallPart> parts = [.. message.Parts.OfType<ToolCallPart>()];
        for (int i = 0; i < Math.Min(calls.Count, parts.Count); i++)
        {
            calls[i].Get("functionCall", out JsonElement call);
            if (call.GetText("id") is null)
            {
                _unnamed.Add(parts[i].Id);
            }
        }
    }

    /// <summary>False when nothing of them could be written.</summary>
    public bool WriteAll(IReadOnlyList<Part> parts)
    {
        bool any = false;
        // Parallel calls are signed on the first of them only.
        bool signed = !GeminiModelName.ChecksSignatures(model) || parts.Any(p => p is ToolCallPart { Signature: not null });
        foreach (Part part in parts)
        {
            any |= Write(part, ref signed);
        }
        return any;
    }

    private bool Write(Part part, ref bool signed)
    {
        if (part.Cache is not null)
        {
            notes.Bridge("cache", "Gemini finds shared prefixes by itself.");
        }
        switch (part)
        {
            case TextPart { Text.Length: > 0 } or TextPart { Signature: not null }:
                WriteText(((TextPart)part).Text, false, ((TextPart)part).Signature);
                return true;
            case RefusalPart refusal:
                notes.Bridge("refusal", "Gemini knows no refusals; it is text.");
                WriteText(refusal.Text, false, null);
                return true;
            case ReasoningPart reasoning:
                return WriteReasoning(reasoning);
            case ToolCallPart call:
                GeminiCalls.Write(call, writer, notes, call.Signature ?? (signed ? null : GeminiSignatures.Unchecked));
                signed = true;
                return true;
            case ToolResultPart result:
                WriteResult(result);
                return true;
            case MediaPart media:
                return WriteMedia(media);
            case OpaquePart { Wire: Wire.Gemini } opaque:
                opaque.Json.WriteTo(writer);
                return true;
            case OpaquePart opaque:
                notes.Lose("part:" + opaque.Type, $"Only {opaque.Wire.ToTitle()} knows this kind of part.");
                return false;
            default:
                return false;
        }
    }

    private void WriteText(string text, bool thought, string? signature)
    {
        writer.WriteStartObject();
        writer.WriteString("text", text);
        if (thought)
        {
            writer.WriteBoolean("thought", true);
        }
        WriteSignature(signature);
        writer.WriteEndObject();
    }

    private void WriteSignature(string? signature)
    {
        if (signature is not null)
        {
            writer.WriteString("thoughtSignature", signature);
        }
    }

    private bool WriteReasoning(ReasoningPart reasoning)
    {
        if (reasoning.Origin == Wire.Gemini)
        {
            WriteText(reasoning.Text, reasoning.Text.Length > 0, reasoning.Signature);
            return true;
        }
        if (reasoning.Signature is not null)
        {
            notes.Lose("signature", "Thoughts that another vendor signed mean nothing to Gemini.");
        }
        else
        {
            notes.Bridge("reasoning", "Thoughts of another vendor's model in earlier turns are left out.");
        }
        return false;
    }

    private void WriteResult(ToolResultPart result)
    {
        List<MediaPart> media = [.. result.Content.OfType<MediaPart>()];
        bool inside = media.Count > 0 && GeminiModelName.MixesTools(model);
        writer.WriteStartObject();
        writer.WriteStartObject("functionResponse");
        if (!_unnamed.Contains(result.CallId))
        {
            writer.WriteString("id", result.CallId);
        }
        writer.WriteString("name", result.Name ?? result.CallId);
        WriteResponse(result);
        if (inside)
        {
            writer.WriteStartArray("parts");
            media.ForEach(m => WriteMedia(m));
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
        writer.WriteEndObject();
        if (!inside && media.Count > 0)
        {
            notes.Bridge("tool_result.media", "Pictures and files of a function's result stand beside it.");
            media.ForEach(m => WriteMedia(m));
        }
    }

    private void WriteResponse(ToolResultPart result)
    {
        string text = result.Text + string.Concat(result.Content.OfType<OpaquePart>().Where(o => o.Type != "function_response_part").Select(o => o.Json.GetRawText()));
        writer.WritePropertyName("response");
        if (!result.IsError && JsonFields.TryParse(text) is { ValueKind: JsonValueKind.Object } json)
        {
            json.WriteTo(writer);
            return;
        }
        writer.WriteStartObject();
        if (text.Length > 0 || !result.Content.Any(p => p is MediaPart))
        {
            writer.WriteString(result.IsError ? "error" : "result", text);
        }
        writer.WriteEndObject();
    }

    private bool WriteMedia(MediaPart media)
    {
        if (media.Detail is "low" or "high" or "original")
        {
            notes.Bridge("detail", "Gemini sets the resolution for the whole request.");
        }
        if (media.Source.FileId is not null && media.Source.Owner != Wire.Gemini)
        {
            notes.Lose("file_id", "The file is at another vendor; Gemini cannot fetch it.");
            return false;
        }
        bool signed = media.Signature is not null;
        if (media.Source is { Data: null, Text: null, Url: null, FileId: null })
        {
            notes.Lose("part:" + JsonNamingPolicy.SnakeCaseLower.ConvertName(media.Kind.ToString()), "It has neither data nor an address.");
            return false;
        }
        writer.WriteStartObject();
        GeminiBlobs.Write(media, writer);
        if (media.Source.Url is { } url && url.StartsWith("http", StringComparison.OrdinalIgnoreCase))
        {
            notes.Bridge("url", "Google fetches the address itself.");
        }
        if (signed)
        {
            WriteSignature(media.Signature);
        }
        writer.WriteEndObject();
        return true;
    }
}
