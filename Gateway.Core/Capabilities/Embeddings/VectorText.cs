using System.Buffers.Binary;
using System.Text.Json;
using Gateway.Core.Generation;

namespace Gateway.Core.Capabilities.Embeddings;

/// <summary>Vectors as JSON numbers and as base64 of little-endian 32-bit floats.</summary>
public static class VectorText
{
    /// <exception cref="GenerationFormatException">Neither an array of numbers nor base64 of whole floats.</exception>
    public static float[] Read(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            float[] numbers = new float[value.GetArrayLength()];
            int i = 0;
            foreach (JsonElement number in value.EnumerateArray())
            {
                numbers[i++] = number.ValueKind == JsonValueKind.Number && number.TryGetSingle(out float single)
                    ? single
                    : throw new GenerationFormatException("A vector holds something that is no number.", "embedding");
            }
            return numbers;
        }
        if (value.ValueKind == JsonValueKind.String && value.TryGetBytesFromBase64(out byte[]? bytes) && bytes.Length % 4 == 0)
        {
            float[] numbers = new float[bytes.Length / 4];
            for (int i = 0; i < numbers.Length; i++)
            {
                numbers[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * 4));
            }
            return numbers;
        }
        throw new GenerationFormatException("A vector is neither an array of numbers nor base64.", "embedding");
    }

    public static void WriteNumbers(Utf8JsonWriter json, ReadOnlySpan<float> vector)
    {
        json.WriteStartArray();
        foreach (float number in vector)
        {
            json.WriteNumberValue(number);
        }
        json.WriteEndArray();
    }

    public static void WriteBase64(Utf8JsonWriter json, ReadOnlySpan<float> vector)
    {
        byte[] bytes = new byte[vector.Length * 4];
        for (int i = 0; i < vector.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * 4), vector[i]);
        }
        json.WriteBase64StringValue(bytes);
    }
}
