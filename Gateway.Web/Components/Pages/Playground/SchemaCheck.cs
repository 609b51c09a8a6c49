using System.Globalization;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;

namespace Gateway.Web.Components.Pages.Playground;

/// <summary>
/// Holds an answer against the schema that was asked for: the part of JSON Schema that models are held to (types, properties, required,
/// items, enum, const, bounds, anyOf, allOf, local references). Keywords that it does not know it leaves alone.
/// </summary>
internal static class SchemaCheck
{
    private const int Deepest = 64;
    private const int Most = 20;

    /// <summary>What does not fit, each with its path; empty when all does.</summary>
    public static IReadOnlyList<CatalogError> Check(JsonElement schema, JsonElement value)
    {
        List<CatalogError> problems = [];
        Check(schema, schema, value, "$", problems, 0);
        return problems;
    }

    private static void Check(JsonElement root, JsonElement schema, JsonElement value, string path, List<CatalogError> problems, int depth)
    {
        if (problems.Count >= Most || depth > Deepest)
        {
            return;
        }
        if (schema.ValueKind == JsonValueKind.False)
        {
            problems.Add(new CatalogError(path, "Nothing is allowed here."));
        }
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return;
        }
        if (schema.Text("$ref") is { } reference)
        {
            Check(root, Resolve(root, reference), value, path, problems, depth + 1);
        }
        if (schema.Has("type", out JsonElement type) && !(type.ValueKind == JsonValueKind.Array ? type.EnumerateArray() : Enumerable.Repeat(type, 1)).Any(t => Is(value, t.ToString())))
        {
            problems.Add(new CatalogError(path, $"It must be {(type.ValueKind == JsonValueKind.Array ? string.Join(" or ", type.EnumerateArray()) : type)}, and is {NameOf(value)}."));
            return;
        }
        if (schema.Has("enum", out JsonElement values) && values.ValueKind == JsonValueKind.Array && !values.EnumerateArray().Any(v => JsonElement.DeepEquals(v, value)))
        {
            problems.Add(new CatalogError(path, $"It must be one of {values.GetRawText()}."));
        }
        if (schema.TryGetProperty("const", out JsonElement only) && !JsonElement.DeepEquals(only, value))
        {
            problems.Add(new CatalogError(path, $"It must be {only.GetRawText()}."));
        }
        if (schema.Has("anyOf", out JsonElement any) && any.ValueKind == JsonValueKind.Array && !any.EnumerateArray().Any(s => Fits(root, s, value, depth)))
        {
            problems.Add(new CatalogError(path, "It fits none of the alternatives (anyOf)."));
        }
        foreach (JsonElement part in schema.Items("allOf"))
        {
            Check(root, part, value, path, problems, depth + 1);
        }
        Bounds(schema, value, path, problems);
        if (value.ValueKind == JsonValueKind.Object)
        {
            CheckObject(root, schema, value, path, problems, depth);
        }
        else if (value.ValueKind == JsonValueKind.Array && schema.Has("items", out JsonElement items))
        {
            int i = 0;
            foreach (JsonElement item in value.EnumerateArray())
            {
                Check(root, items, item, $"{path}[{i++}]", problems, depth + 1);
            }
        }
    }

    private static void CheckObject(JsonElement root, JsonElement schema, JsonElement value, string path, List<CatalogError> problems, int depth)
    {
        foreach (string name in schema.Items("required").Where(r => r.ValueKind == JsonValueKind.String).Select(r => r.GetString()!).Where(r => !value.TryGetProperty(r, out _)))
        {
            problems.Add(new CatalogError($"{path}.{name}", "It is required, and missing."));
        }
        bool hasProperties = schema.Has("properties", out JsonElement properties);
        foreach (JsonProperty property in value.EnumerateObject())
        {
            string inner = $"{path}.{property.Name}";
            if (hasProperties && properties.TryGetProperty(property.Name, out JsonElement known))
            {
                Check(root, known, property.Value, inner, problems, depth + 1);
            }
            else if (schema.Has("additionalProperties", out JsonElement others))
            {
                if (others.ValueKind == JsonValueKind.False)
                {
                    problems.Add(new CatalogError(inner, "The schema has no such property."));
                }
                else
                {
                    Check(root, others, property.Value, inner, problems, depth + 1);
                }
            }
        }
    }

    private static void Bounds(JsonElement schema, JsonElement value, string path, List<CatalogError> problems)
    {
        (double? size, string low, string high) = value.ValueKind switch
        {
            JsonValueKind.Number => (value.GetDouble(), "minimum", "maximum"),
            JsonValueKind.String => (new StringInfo(value.GetString()!).LengthInTextElements, "minLength", "maxLength"),
            JsonValueKind.Array => (value.GetArrayLength(), "minItems", "maxItems"),
            _ => ((double?)null, "", ""),
        };
        if (size < schema.Number(low))
        {
            problems.Add(new CatalogError(path, $"It is less than the {low} of {schema.Number(low)}."));
        }
        if (size > schema.Number(high))
        {
            problems.Add(new CatalogError(path, $"It is more than the {high} of {schema.Number(high)}."));
        }
    }

    private static bool Fits(JsonElement root, JsonElement schema, JsonElement value, int depth)
    {
        List<CatalogError> problems = [];
        Check(root, schema, value, "", problems, depth + 1);
        return problems.Count == 0;
    }

    private static JsonElement Resolve(JsonElement root, string reference)
    {
        JsonElement found = root;
        foreach (string step in reference.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!found.Has(step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal), out found))
            {
                return default;
            }
        }
        return found;
    }

    private static bool Is(JsonElement value, string type) => type switch
    {
        "integer" => value.ValueKind == JsonValueKind.Number && double.IsInteger(value.GetDouble()),
        _ => NameOf(value) == type,
    };

    private static string NameOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => "null",
    };
}
