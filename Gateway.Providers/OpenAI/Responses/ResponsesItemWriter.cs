using System.Text.Json;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.OpenAI.Responses;

/// <summary>Writes the items of an answer's <c>output</c>, one method a kind; streams write the same items when they are begun and when they are whole.</summary>
internal sealed class ResponsesItemWriter(Utf8JsonWriter writer, ConversionNotes notes)
{
    public const string InProgress = "in_progress";
    public const string Completed = "completed";
    public const string Incomplete = "incomplete";

    /// <summary>A message; its content is written by the caller between this and <see cref="EndMessage"/>.</summary>
    public void BeginMessage(string id, string status)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "message"u8);
        writer.WriteString("id"u8, id);
        writer.WriteString("status"u8, status);
        writer.WriteString("role"u8, "assistant"u8);
        writer.WriteStartArray("content"u8);
    }

    public void EndMessage()
    {
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <param name="logprobs">In Chat's form; undefined for none.</param>
    public void Text(string text, IReadOnlyList<Citation> citations, JsonElement logprobs)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "output_text"u8);
        ResponsesAnnotations.Write(citations, 0, writer, notes);
        WriteLogprobs(logprobs);
        writer.WriteString("text"u8, text);
        writer.WriteEndObject();
    }

    public void WriteLogprobs(JsonElement logprobs)
    {
        writer.WriteStartArray("logprobs"u8);
        foreach (JsonElement token in logprobs.Items("content"))
        {
            token.WriteTo(writer);
        }
        writer.WriteEndArray();
    }

    public void Refusal(string text)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "refusal"u8);
        writer.WriteString("refusal"u8, text);
        writer.WriteEndObject();
    }

    /// <param name="signature">As the client is to get it; null for none.</param>
    public void Reasoning(string id, string text, string? signature)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "reasoning"u8);
        writer.WriteString("id"u8, id);
        writer.WriteStartArray("summary"u8);
        if (text.Length > 0)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "summary_text"u8);
            writer.WriteString("text"u8, text);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        if (signature is not null)
        {
            writer.WriteString("encrypted_content"u8, signature);
        }
        writer.WriteEndObject();
    }

    /// <param name="tool">As the request names the one that is called.</param>
    public void Call(string id, ToolCallPart call, ResponsesToolName tool, string status)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, tool.Custom ? "custom_tool_call"u8 : "function_call"u8);
        writer.WriteString("id"u8, id);
        writer.WriteString("status"u8, status);
        writer.WriteString("call_id"u8, SignedCallId.Write(call.Id, call.Signature));
        tool.WriteTo(writer);
        if (tool.Custom)
        {
            writer.WriteString("input"u8, call.ArgumentsJson.Length == 0 ? "" : ResponsesItemReader.InputOf(call.ArgumentsJson));
        }
        else
        {
            writer.WriteString("arguments"u8, call.ArgumentsJson);
        }
        writer.WriteEndObject();
    }

    /// <summary>A picture the model made, as the built-in tool for pictures gives it.</summary>
    /// <param name="data">Base64; null while it is being made.</param>
    public void Image(string id, string? data, string mediaType, string status)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "image_generation_call"u8);
        writer.WriteString("id"u8, id);
        writer.WriteString("status"u8, status);
        writer.WriteString("output_format"u8, mediaType.StartsWith("image/", StringComparison.Ordinal) ? mediaType["image/".Length..] : "png");
        writer.WriteString("result"u8, data);
        writer.WriteEndObject();
    }
}
