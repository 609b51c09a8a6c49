using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Cohere.Chat;

/// <summary>Reads a whole chat answer.</summary>
internal static class CohereResponseReader
{
    public static GenerationResponse Read(JsonElement json)
    {
        if (!json.Has("message", out JsonElement message) || message.ValueKind != JsonValueKind.Object)
        {
            throw new GenerationFormatException("The answer holds no message.");
        }
        string? reason = json.Text("finish_reason");
        if (CohereFinish.Failed(reason))
        {
            throw new GenerationFormatException($"The generation failed ({reason}).");
        }
        List<Part> parts = CohereParts.ReadAssistant(message);
        return new GenerationResponse
        {
            Id = json.Text("id"),
            Candidates =
            [
                new Candidate(0, parts, CohereFinish.Read(reason, parts.Exists(p => p is ToolCallPart)))
                {
                    RawFinish = reason,
                    Raw = new RawJson(Wire.CohereChat, message),
                },
            ],
            Usage = json.Has("usage", out JsonElement usage) ? CohereUsage.Read(usage) : default,
            // Its log probabilities have a shape of their own.
            Extensions = json.Has("logprobs", out JsonElement logprobs) ? [new VendorExtension(Wire.CohereChat, "logprobs", logprobs)] : [],
            Origin = Wire.CohereChat,
        };
    }
}
