using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Bedrock.Converse;

/// <summary>Writes content blocks, in requests and in answers.</summary>
/// <param name="request">Ids and names must fit: in answers they stay as the upstream has them.</param>
internal sealed class ConverseBlockWriter(Utf8JsonWriter writer, ConversionNotes notes, bool request)
{
    private int _documents;

    /// <summary>Whether anything of the part will be written: Converse refuses blank texts and messages without content.</summary>
    public static bool IsWritable(Part part) => part switch
    {
        TextPart text => !string.IsNullOrWhiteSpace(text.Text),
        RefusalPart refusal => !string.IsNullOrWhiteSpace(refusal.Text),
        OpaquePart opaque => opaque.Wire == Wire.BedrockConverse,
        ReasoningPart thought => thought.Origin == Wire.BedrockConverse && (thought.Signature is not null || thought.Text.Length > 0),
        MediaPart { Transcript: { Length: > 0 } } => true,
        MediaPart media => ConverseMedia.Of(media) is not null && media.Source.FileId is null && !IsElsewhere(media),
        _ => true,
    };

    private static bool IsElsewhere(MediaPart media) => media.Source.Url is { } url && !url.StartsWith("s3:", StringComparison.Ordinal);

    public void Write(Part part)
    {
        switch (part)
        {
            case TextPart text:
                WriteText(text);
                break;
            case RefusalPart refusal:
                WriteText(new TextPart(refusal.Text));
                break;
            case ReasoningPart thought:
                WriteReasoning(thought);
                break;
            case MediaPart media:
                WriteMedia(media);
                break;
            case ToolCallPart call:
                WriteCall(call);
                break;
            case ToolResultPart result:
                WriteResult(result);
                break;
            case OpaquePart opaque:
                opaque.Json.WriteTo(writer);
                break;
        }
        if (part.Cache is { } cache)
        {
            WriteCachePoint(cache);
        }
    }

    /// <summary>Notes what will not be written.</summary>
    public void NoteLost(Part part)
    {
        switch (part)
        {
            case OpaquePart opaque:
                notes.Lose("part:" + opaque.Type, $"Only {opaque.Wire.ToTitle()} has such parts.");
                break;
            case ReasoningPart:
                notes.Lose("signature", "Thoughts that another vendor signed mean nothing here.");
                break;
            case MediaPart media when IsElsewhere(media):
                notes.Lose("url", "Bedrock fetches files from S3 only.");
                break;
            case MediaPart { Source.FileId: not null }:
                notes.Lose("file_id", "A file that another vendor keeps is unknown here.");
                break;
            case MediaPart media:
                notes.Lose("part:" + media.Kind.ToString().ToLowerInvariant(), "Bedrock has no name for this type of file.");
                break;
        }
    }

    public void WriteCachePoint(CacheHint cache)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("cachePoint");
        writer.WriteString("type", "default");
        if (cache.TimeToLive is not null)
        {
            writer.WriteString("ttl", cache.TimeToLive);
        }
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void WriteText(TextPart text)
    {
        List<Citation> own = [.. text.Citations.Where(c => c.Raw?.Wire == Wire.BedrockConverse)];
        if (own.Count < text.Citations.Count)
        {
            notes.Lose("citations", "Bedrock cites documents of the request only.");
        }
        if (text.Signature is not null)
        {
            notes.Lose("signature", "A signature on text means nothing here.");
        }
        writer.WriteStartObject();
        if (own.Count > 0)
        {
            writer.WriteStartObject("citationsContent");
            writer.WriteStartArray("content");
            writer.WriteStartObject();
            writer.WriteString("text", text.Text);
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteStartArray("citations");
            own.ForEach(c => c.Raw!.Json.WriteTo(writer));
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteString("text", text.Text);
        }
        writer.WriteEndObject();
    }

    private void WriteReasoning(ReasoningPart thought)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("reasoningContent");
        string? signature = thought.Signature is null ? null : ForeignSignature.Wrap(thought.Origin, Wire.BedrockConverse, thought.Signature);
        if (thought.Redacted)
        {
            writer.WriteString("redactedContent", signature);
        }
        else
        {
            writer.WriteStartObject("reasoningText");
            writer.WriteString("text", thought.Text);
            if (signature is not null)
            {
                writer.WriteString("signature", signature);
            }
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void WriteCall(ToolCallPart call)
    {
        if (call.Signature is not null)
        {
            notes.Lose("signature", "A signature on a tool call means nothing here.");
        }
        JsonElement arguments = JsonFields.TryParse(call.ArgumentsJson);
        writer.WriteStartObject();
        writer.WriteStartObject("toolUse");
        writer.WriteString("toolUseId", request ? ConverseIds.Fit(call.Id) : call.Id);
        writer.WriteString("name", request ? ConverseIds.FitName(call.Name) : call.Name);
        writer.WritePropertyName("input");
        if (arguments.ValueKind == JsonValueKind.Object)
        {
            arguments.WriteTo(writer);
        }
        else
        {
            // What is no object would be refused; the model still sees what it wrote.
            writer.WriteStartObject();
            if (!string.IsNullOrWhiteSpace(call.ArgumentsJson))
            {
                notes.Bridge("tool_call.arguments", "Arguments that are no JSON object were wrapped in one.");
                writer.WriteString("arguments", call.ArgumentsJson);
            }
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void WriteResult(ToolResultPart result)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("toolResult");
        writer.WriteString("toolUseId", ConverseIds.Fit(result.CallId));
        writer.WriteStartArray("content");
        foreach (Part part in result.Content)
        {
            if (part is TextPart text)
            {
                // Blank texts are taken here.
                WriteText(text);
            }
            else if (IsWritable(part))
            {
                Write(part);
            }
            else
            {
                NoteLost(part);
            }
        }
        writer.WriteEndArray();
        writer.WriteString("status", result.IsError ? "error" : "success");
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void WriteMedia(MediaPart media)
    {
        if (media.Transcript is { Length: > 0 } words)
        {
            notes.Lose("part:audio", "Of the sound that the model made only its words were sent.");
            WriteText(new TextPart(words));
            return;
        }
        (string kind, string format) = ConverseMedia.Of(media)!.Value;
        MediaSource source = media.Source;
        if (media.Signature is not null)
        {
            notes.Lose("signature", "A signature on a picture means nothing here.");
        }
        writer.WriteStartObject();
        writer.WriteStartObject(kind);
        writer.WriteString("format", format);
        if (kind == "document")
        {
            writer.WriteString("name", ConverseMedia.DocumentName(media.Name, ++_documents));
        }
        writer.WriteStartObject("source");
        if (source.Url is not null)
        {
            writer.WriteStartObject("s3Location");
            writer.WriteString("uri", source.Url);
            writer.WriteEndObject();
        }
        else if (source.Text is { } text)
        {
            writer.WriteString("text", text);
        }
        else
        {
            writer.WriteString("bytes", source.Data);
        }
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
