using System.Text;
using System.Text.Json;
using Gateway.Core.Generation;

namespace Gateway.Providers.Gemini;

/// <summary><c>logprobsResult</c> and OpenAI Chat's <c>logprobs</c>, which is the canonical form.</summary>
internal static class GeminiLogprobs
{
    public static JsonElement Read(JsonElement candidate)
    {
        if (!candidate.Get("logprobsResult", out JsonElement result))
        {
            return default;
        }
        List<JsonElement> chosen = [.. result.GetItems("chosenCandidates")];
        List<JsonElement> top = [.. result.GetItems("topCandidates")];
        return GeminiJson.Create(writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("content");
            for (int i = 0; i < chosen.Count; i++)
            {
                writer.WriteStartObject();
                WriteToken(chosen[i].GetText("token"), chosen[i].GetNumber("logProbability"), writer);
                writer.WriteStartArray("top_logprobs");
                foreach (JsonElement other in i < top.Count ? top[i].GetItems("candidates") : [])
                {
                    writer.WriteStartObject();
                    WriteToken(other.GetText("token"), other.GetNumber("logProbability"), writer);
                    writer.WriteEndObject();
                }
                writer.WriteEndArray();
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }

    private static void WriteToken(string? token, double? logprob, Utf8JsonWriter writer)
    {
        writer.WriteString("token", token ?? "");
        writer.WriteNumber("logprob", logprob ?? 0);
        writer.WriteStartArray("bytes");
        foreach (byte b in Encoding.UTF8.GetBytes(token ?? ""))
        {
            writer.WriteNumberValue(b);
        }
        writer.WriteEndArray();
    }

    /// <summary>Writes <c>logprobsResult</c> as a member.</summary>
    public static void Write(JsonElement logprobs, Utf8JsonWriter writer)
    {
        List<JsonElement> tokens = [.. logprobs.Items("content")];
        writer.WriteStartObject("logprobsResult");
        writer.WriteStartArray("chosenCandidates");
        tokens.ForEach(t => WriteCandidate(t, writer));
        writer.WriteEndArray();
        writer.WriteStartArray("topCandidates");
        foreach (JsonElement token in tokens)
        {
            writer.WriteStartObject();
            writer.WriteStartArray("candidates");
            foreach (JsonElement other in token.Items("top_logprobs"))
            {
                WriteCandidate(other, writer);
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteCandidate(JsonElement token, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("token", token.Text("token") ?? "");
        writer.WriteNumber("logProbability", token.Number("logprob") ?? 0);
        writer.WriteEndObject();
    }
}
