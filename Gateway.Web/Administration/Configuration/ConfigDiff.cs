using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Core.Catalog;

namespace Gateway.Web.Administration.Configuration;

/// <summary>One entry that differs between two configurations.</summary>
/// <param name="List">One of <see cref="ConfigTree.Lists"/>.</param>
/// <param name="Name">As it is named afterwards, or was before it was removed.</param>
/// <param name="Change"><c>created</c>, <c>changed</c> or <c>removed</c>.</param>
public sealed record ConfigDifference(string List, string Name, string Change, IReadOnlyList<ConfigFieldDifference> Fields);

/// <summary>One field of it, in the words of the configuration file.</summary>
/// <param name="Field">For example <c>backends[openai gpt-4o].weight</c>.</param>
/// <param name="Before">Null when it was not set.</param>
/// <param name="After">Null when it is not set.</param>
/// <param name="Secret">True: it changed, and neither value is told.</param>
public sealed record ConfigFieldDifference(string Field, string? Before, string? After, bool Secret = false);

/// <summary>Compares two configurations entry by entry and field by field.</summary>
internal static class ConfigDiff
{
    private static readonly string[] Secrets = ["secret", "key", "key_hash"];

    public static IReadOnlyList<ConfigDifference> Between(CatalogDefinition before, CatalogDefinition after) =>
        Between(ConfigTree.ForComparison(before), ConfigTree.ForComparison(after));

    public static IReadOnlyList<ConfigDifference> Between(JsonObject before, JsonObject after)
    {
        var differences = new List<ConfigDifference>();
        foreach (string list in ConfigTree.Lists)
        {
            foreach ((JsonObject? old, JsonObject? now) in Pair(before[list] as JsonArray, after[list] as JsonArray))
            {
                List<ConfigFieldDifference> fields = [.. Fields("", old, now)];
                if (fields.Count > 0)
                {
                    differences.Add(new ConfigDifference(list, NameOf(now ?? old!), old is null ? "created" : now is null ? "removed" : "changed", fields));
                }
            }
        }
        return differences;
    }

    /// <summary>One entry field by field.</summary>
    /// <param name="before">Null when there was none.</param>
    /// <param name="after">Null when there is none any more.</param>
    public static IReadOnlyList<ConfigFieldDifference> Fields(JsonObject? before, JsonObject? after) => [.. Fields("", before, after)];

    /// <summary>What an entry is called among those of its list.</summary>
    public static string NameOf(JsonObject entry) =>
        Scalar(entry["name"]) ?? Scalar(entry["label"])
        ?? (entry.ContainsKey("scope") ? $"{Scalar(entry["scope"])} {Scalar(entry["of"])}".Trim()
            : string.Join(' ', new[] { entry["provider"], entry["url"], entry["upstream_model"] ?? entry["model"], entry["effective_from"] }.Select(Scalar).OfType<string>()));

    // The same entry is the one with the same id, else the one with the same name: ids of another gateway say nothing here.
    private static IEnumerable<(JsonObject? Before, JsonObject? After)> Pair(JsonArray? before, JsonArray? after)
    {
        List<JsonObject> old = [.. before?.OfType<JsonObject>() ?? []];
        List<(JsonObject After, JsonObject? Before)> pairs = [.. (after?.OfType<JsonObject>() ?? []).Select(a => (a, Take(old, b => Scalar(b[ConfigTree.Identity]) is { } id && id == Scalar(a[ConfigTree.Identity]))))];
        foreach ((JsonObject now, JsonObject? found) in pairs)
        {
            yield return (found ?? Take(old, b => NameOf(b) == NameOf(now)), now);
        }
        foreach (JsonObject gone in old)
        {
            yield return (gone, null);
        }
    }

    private static JsonObject? Take(List<JsonObject> from, Predicate<JsonObject> which)
    {
        int index = from.FindIndex(which);
        if (index < 0)
        {
            return null;
        }
        JsonObject found = from[index];
        from.RemoveAt(index);
        return found;
    }

    private static IEnumerable<ConfigFieldDifference> Fields(string path, JsonObject? before, JsonObject? after)
    {
        IEnumerable<string> names = (after ?? []).Select(m => m.Key).Union((before ?? []).Select(m => m.Key)).Where(n => n != ConfigTree.Identity);
        foreach (string name in names)
        {
            (JsonNode? old, JsonNode? now) = (before?[name], after?[name]);
            string field = path.Length == 0 ? name : $"{path}.{name}";
            if (JsonNode.DeepEquals(Plain(old), Plain(now)))
            {
                continue;
            }
            if (Secrets.Contains(name))
            {
                yield return new ConfigFieldDifference(field, null, null, Secret: true);
            }
            else if (old is JsonObject || now is JsonObject)
            {
                foreach (ConfigFieldDifference inner in Fields(field, old as JsonObject, now as JsonObject))
                {
                    yield return inner;
                }
            }
            else if (IsListOfEntries(old) || IsListOfEntries(now))
            {
                foreach (ConfigFieldDifference inner in Items(field, old as JsonArray, now as JsonArray))
                {
                    yield return inner;
                }
            }
            else
            {
                yield return new ConfigFieldDifference(field, Scalar(old), Scalar(now));
            }
        }
    }

    private static IEnumerable<ConfigFieldDifference> Items(string path, JsonArray? before, JsonArray? after)
    {
        bool ordered = (after ?? before)!.OfType<JsonObject>().Any(i => !i.ContainsKey(ConfigTree.Identity));
        if (ordered)
        {
            // Steps have no names; their order is what they mean.
            for (int i = 0; i < Math.Max(before?.Count ?? 0, after?.Count ?? 0); i++)
            {
                foreach (ConfigFieldDifference field in Fields($"{path}[{i + 1}]", At(before, i), At(after, i)))
                {
                    yield return field;
                }
            }
            yield break;
        }
        foreach ((JsonObject? old, JsonObject? now) in Pair(before, after))
        {
            foreach (ConfigFieldDifference field in Fields($"{path}[{NameOf(now ?? old!)}]", old, now))
            {
                yield return field;
            }
        }
        string[] Order(JsonArray? list) => [.. (list?.OfType<JsonObject>() ?? []).Select(NameOf)];
        if (Order(before) is var was && Order(after) is var order && !was.SequenceEqual(order) && was.Order(StringComparer.Ordinal).SequenceEqual(order.Order(StringComparer.Ordinal)))
        {
            yield return new ConfigFieldDifference($"{path} (order)", string.Join(", ", was), string.Join(", ", order));
        }
    }

    private static JsonObject? At(JsonArray? list, int index) => index < list?.Count ? list[index] as JsonObject : null;

    private static bool IsListOfEntries(JsonNode? node) => node is JsonArray { Count: > 0 } list && list.All(i => i is JsonObject);

    /// <summary>Without the identities, which say nothing of what is configured.</summary>
    private static JsonNode? Plain(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.Where(m => m.Key != ConfigTree.Identity).Select(m => KeyValuePair.Create(m.Key, Plain(m.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Plain)]),
        _ => node?.DeepClone(),
    };

    private static string? Scalar(JsonNode? node) => node switch
    {
        null => null,
        JsonArray list => string.Join(", ", list.Select(i => Scalar(i) ?? "null")),
        JsonObject => node.ToJsonString(),
        _ => node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : node.ToJsonString(),
    };
}
