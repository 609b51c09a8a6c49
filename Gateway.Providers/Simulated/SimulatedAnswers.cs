using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Gateway.Providers.Simulated;

/// <summary>The answers that are not a conversation.</summary>
internal static class SimulatedAnswers
{
    private const int DefaultDimensions = 64;
    private const int MaxDimensions = 4096;

    public static JsonObject Failure(int status) => new()
    {
        ["error"] = new JsonObject
        {
            ["message"] = string.Create(CultureInfo.InvariantCulture, $"The simulated provider fails with status {status}, as it is set to."),
            ["type"] = status == 429 ? "rate_limit_error" : "server_error",
            ["param"] = null,
            ["code"] = status == 429 ? "rate_limit_exceeded" : "simulated_failure",
        },
    };

    public static JsonObject Refusal(string message) => new()
    {
        ["error"] = new JsonObject
        {
            ["message"] = message,
            ["type"] = "invalid_request_error",
            ["param"] = null,
            ["code"] = null,
        },
    };

    /// <summary>Vectors that depend on nothing but the text, of length 1; as base64 where the client asks for it.</summary>
    public static JsonObject Embeddings(JsonNode body, string model)
    {
        JsonNode?[] inputs = body["input"] switch
        {
            JsonArray { Count: > 0 } array when array[0]?.GetValueKind() == System.Text.Json.JsonValueKind.Number => [array],
            JsonArray array => [.. array],
            JsonNode node => [node],
            null => [],
        };
        int dimensions = body["dimensions"] is JsonValue value && value.TryGetValue(out int asked) ? Math.Clamp(asked, 1, MaxDimensions) : DefaultDimensions;
        bool base64 = body["encoding_format"] is JsonValue format && format.TryGetValue(out string? name) && name == "base64";
        var data = new JsonArray();
        int tokens = 0;
        for (int i = 0; i < inputs.Length; i++)
        {
            string text = inputs[i]?.ToString() ?? "";
            tokens += SimulatedAnswer.CountTokens(text);
            float[] vector = VectorOf(text, dimensions);
            JsonNode embedding = base64 ? ToBase64(vector) : new JsonArray([.. vector.Select(v => (JsonNode)v)]);
            data.Add((JsonNode)new JsonObject { ["object"] = "embedding", ["index"] = i, ["embedding"] = embedding });
        }
        return new JsonObject
        {
            ["object"] = "list",
            ["data"] = data,
            ["model"] = model,
            ["usage"] = new JsonObject { ["prompt_tokens"] = tokens, ["total_tokens"] = tokens },
        };
    }

    private static string ToBase64(float[] vector) => Convert.ToBase64String(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(vector));

    private static float[] VectorOf(string text, int dimensions)
    {
        // Bytes spread over the dimensions: like texts get like vectors, which is all that a demonstration needs.
        float[] vector = new float[dimensions];
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        for (int i = 0; i < bytes.Length; i++)
        {
            int pair = (bytes[i] * 31) + (i > 0 ? bytes[i - 1] : 0);
            vector[pair % dimensions] += (pair & 1) == 0 ? 1 : -1;
        }
        float length = MathF.Sqrt(vector.Sum(v => v * v));
        for (int i = 0; i < vector.Length; i++)
        {
            vector[i] = length == 0 ? 1 / MathF.Sqrt(dimensions) : vector[i] / length;
        }
        return vector;
    }
}
