using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Providers.Simulated;

/// <summary>
/// A value that fits a JSON Schema in its shape: types, properties, items, enum, const, bounds, the first of several choices, and
/// references within the schema.
/// </summary>
internal static class SchemaExample
{
    // Below, what may be left out is: a schema may refer to itself.
    private const int Shallow = 4;
    private const int Deepest = 32;
    private const int MostItems = 16;

    // In all: where each level has several of itself, their number is a power of the depth.
    private const int MostValues = 1000;

    public static JsonNode? Of(JsonNode? schema)
    {
        int left = MostValues;
        return Of(schema, schema, 0, ref left);
    }

    private static JsonNode? Of(JsonNode? root, JsonNode? schema, int depth, ref int left)
    {
        if (schema is not JsonObject rules || depth > Deepest || left-- <= 0)
        {
            return null;
        }
        if (Text(rules["$ref"]) is { } reference)
        {
            return Of(root, Find(root, reference), depth + 1, ref left);
        }
        if (rules.TryGetPropertyValue("const", out JsonNode? only))
        {
            return only?.DeepClone();
        }
        if (rules["enum"] is JsonArray { Count: > 0 } values)
        {
            return values[0]?.DeepClone();
        }
        if ((rules["anyOf"] ?? rules["oneOf"] ?? rules["allOf"]) is JsonArray { Count: > 0 } choices)
        {
            return Of(root, choices[0], depth + 1, ref left);
        }
        string? type = Text(rules["type"] is JsonArray { Count: > 0 } types ? types[0] : rules["type"]);
        return (type ?? (rules.ContainsKey("properties") ? "object" : null)) switch
        {
            "integer" or "number" => Number(rules),
            "boolean" => true,
            "array" => Items(root, rules, depth, ref left),
            "object" => Properties(root, rules, depth, ref left),
            "null" => null,
            _ => Word(rules),
        };
    }

    private static JsonObject Properties(JsonNode? root, JsonObject rules, int depth, ref int left)
    {
        var all = new JsonObject();
        HashSet<string?> required = rules["required"] is JsonArray names ? [.. names.Select(Text)] : [];
        foreach ((string name, JsonNode? schema) in rules["properties"] as JsonObject ?? [])
        {
            if (depth < Shallow || required.Contains(name))
            {
                all[name] = Of(root, schema, depth + 1, ref left);
            }
        }
        return all;
    }

    private static JsonArray Items(JsonNode? root, JsonObject rules, int depth, ref int left)
    {
        double least = Figure(rules["minItems"]) ?? 0;
        double most = Figure(rules["maxItems"]) ?? MostItems;
        var all = new JsonArray();
        for (int i = 0; i < Math.Min(Math.Max(least, depth < Shallow ? 1 : 0), Math.Min(most, MostItems)); i++)
        {
            all.Add(Of(root, rules["items"], depth + 1, ref left));
        }
        return all;
    }

    private static JsonValue Number(JsonObject rules)
    {
        double least = Figure(rules["minimum"]) ?? Figure(rules["exclusiveMinimum"]) + 1 ?? double.MinValue;
        double most = Figure(rules["maximum"]) ?? Figure(rules["exclusiveMaximum"]) - 1 ?? double.MaxValue;
        double number = Math.Max(least, Math.Min(most, 1));
        return Math.Abs(number) < int.MaxValue && number == Math.Floor(number) ? JsonValue.Create((int)number) : JsonValue.Create(number);
    }

    private static string Word(JsonObject rules)
    {
        const string Example = "example";
        int least = (int)Math.Clamp(Figure(rules["minLength"]) ?? 0, 0, 1000);
        int most = (int)Math.Clamp(Figure(rules["maxLength"]) ?? 1000, 0, 1000);
        return Example.PadRight(least, '.')[..Math.Min(Math.Max(Example.Length, least), most)];
    }

    private static JsonNode? Find(JsonNode? root, string reference)
    {
        JsonNode? at = root;
        foreach (string step in reference.Split('/').Skip(1))
        {
            at = (at as JsonObject)?[step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)];
        }
        return at;
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    private static double? Figure(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.Number && value.TryGetValue(out double figure) ? figure : null;
}
