using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.OpenAI.Chat;

/// <summary>
/// Thoughts in Chat messages: <c>reasoning_content</c> (DeepSeek, xAI, Alibaba, Z.AI), <c>reasoning</c> (OpenRouter, Groq), and
/// OpenRouter's <c>reasoning_details</c>, the only one that can carry signatures.
/// </summary>
internal static class ChatReasoning
{
    public static void Read(JsonElement message, List<Part> parts)
    {
        int before = parts.Count;
        foreach (JsonElement detail in message.Items("reasoning_details"))
        {
            if (Detail(detail) is { } part)
            {
                parts.Add(part);
            }
        }
        string? text = message.Text("reasoning_content") ?? message.Text("reasoning");
        if (parts.Count == before && !string.IsNullOrEmpty(text))
        {
            parts.Add(new ReasoningPart(text) { Origin = Wire.OpenAIChat });
        }
    }

    private static ReasoningPart? Detail(JsonElement detail)
    {
        string? raw = detail.Text("signature") ?? detail.Text("data");
        (Wire origin, string? signature) = raw is null ? (Wire.OpenAIChat, null) : ForeignSignature.Unwrap(Wire.OpenAIChat, raw);
        return detail.Text("type") switch
        {
            "reasoning.encrypted" => new ReasoningPart("") { Signature = signature, Redacted = true, Origin = origin, Id = detail.Text("id") },
            "reasoning.summary" => new ReasoningPart(detail.Text("summary") ?? "") { Signature = signature, Origin = origin, Id = detail.Text("id") },
            "reasoning.text" => new ReasoningPart(detail.Text("text") ?? "") { Signature = signature, Origin = origin, Id = detail.Text("id") },
            _ => null,
        };
    }

    /// <summary>Writes the members of a message (or a delta) that hold its thoughts; nothing when it has none.</summary>
    public static void Write(Utf8JsonWriter writer, IReadOnlyList<ReasoningPart> thoughts)
    {
        if (thoughts.Count == 0)
        {
            return;
        }
        string text = string.Concat(thoughts.Select(t => t.Text));
        if (text.Length > 0)
        {
            writer.WriteString("reasoning_content", text);
        }
        if (thoughts.Any(t => t.Signature is not null))
        {
            writer.WriteStartArray("reasoning_details");
            foreach (ReasoningPart thought in thoughts)
            {
                WriteDetail(writer, thought);
            }
            writer.WriteEndArray();
        }
    }

    private static void WriteDetail(Utf8JsonWriter writer, ReasoningPart thought)
    {
        writer.WriteStartObject();
        writer.WriteString("type", thought.Redacted ? "reasoning.encrypted" : "reasoning.text");
        if (thought.Id is not null)
        {
            writer.WriteString("id", thought.Id);
        }
        if (!thought.Redacted)
        {
            writer.WriteString("text", thought.Text);
        }
        if (thought.Signature is not null)
        {
            writer.WriteString(thought.Redacted ? "data" : "signature", ForeignSignature.Wrap(thought.Origin, Wire.OpenAIChat, thought.Signature));
        }
        writer.WriteEndObject();
    }

    /// <summary>Where Google's own Chat surface puts a part's signature: <c>extra_content.google.thought_signature</c>.</summary>
    public static string? GoogleSignature(JsonElement holder) =>
        holder.Has("extra_content", out JsonElement extra) && extra.Has("google", out JsonElement google) ? google.Text("thought_signature") : null;

    public static void WriteGoogleSignature(Utf8JsonWriter writer, string? signature)
    {
        if (signature is not null)
        {
            writer.WriteStartObject("extra_content");
            writer.WriteStartObject("google");
            writer.WriteString("thought_signature", signature);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
    }
}
