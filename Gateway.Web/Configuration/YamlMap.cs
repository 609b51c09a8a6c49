using System.Globalization;
using Gateway.Core.Catalog;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Gateway.Web.Configuration;

/// <summary>
/// Reads the properties of one mapping of a YAML file, each once, and notes with its line whatever does not fit. After the
/// last one, <see cref="End"/> notes properties that nobody asked for.
/// </summary>
internal sealed class YamlMap(YamlMappingNode node, string path, YamlErrors errors, Func<string, string?> variable)
{
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    public string Path { get; } = path;
    public YamlErrors Errors { get; } = errors;

    /// <summary>The text of a node with its variables put in.</summary>
    public static string Text(YamlScalarNode scalar, Func<string, string?> variable) => Interpolation.Expand(scalar.Value ?? "", variable);

    public static bool IsNull(YamlScalarNode scalar) =>
        scalar.Style is ScalarStyle.Plain or ScalarStyle.Any && scalar.Value is null or "" or "~" or "null" or "Null" or "NULL";

    /// <summary>Null when it is missing, null or empty.</summary>
    public string? Text(string name)
    {
        switch (Find(name))
        {
            case null:
                return null;
            case YamlScalarNode scalar:
                return IsNull(scalar) || Text(scalar, variable) is not { Length: > 0 } text ? null : text;
            case var other:
                Errors.Add(other, $"{Path}.{name}", "A text is expected here.");
                return null;
        }
    }

    public string RequiredText(string name)
    {
        if (Text(name) is { } text)
        {
            return text;
        }
        Errors.Add(node, $"{Path}.{name}", "It is needed.");
        return "";
    }

    public int? Integer(string name, int min = 0)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= min)
        {
            return value;
        }
        Errors.Add(Find(name)!, $"{Path}.{name}", $"A whole number of at least {min} is expected here.");
        return null;
    }

    public bool? Boolean(string name)
    {
        switch (Text(name)?.ToLowerInvariant())
        {
            case null: return null;
            case "true" or "yes" or "on": return true;
            case "false" or "no" or "off": return false;
            default:
                Errors.Add(Find(name)!, $"{Path}.{name}", "true or false is expected here.");
                return null;
        }
    }

    public DateTimeOffset? Instant(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset at))
        {
            return at.ToUniversalTime();
        }
        Errors.Add(Find(name)!, $"{Path}.{name}", "A time such as 2026-12-31T23:59:59Z is expected here.");
        return null;
    }

    public NanoUsd? Money(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }
        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal dollars) && dollars <= 1_000_000_000)
        {
            return NanoUsd.FromDollars(dollars);
        }
        Errors.Add(Find(name)!, $"{Path}.{name}", "A number of dollars such as 0.15 is expected here.");
        return null;
    }

    /// <summary>In whole milliseconds.</summary>
    public TimeSpan? Milliseconds(string name, int min = 1) => Integer(name, min) is { } ms ? TimeSpan.FromMilliseconds(ms) : null;

    /// <summary>A list of texts; a single text is a list of one. Null when missing.</summary>
    public IReadOnlyList<string>? Texts(string name)
    {
        switch (Find(name))
        {
            case null:
                return null;
            case YamlScalarNode scalar:
                return IsNull(scalar) ? null : [Text(scalar, variable)];
            case YamlSequenceNode sequence when sequence.All(i => i is YamlScalarNode):
                return [.. sequence.Cast<YamlScalarNode>().Select(i => Text(i, variable)).Where(t => t.Length > 0)];
            case var other:
                Errors.Add(other, $"{Path}.{name}", "A list of texts is expected here.");
                return null;
        }
    }

    /// <summary>The mapping there; null when missing or null.</summary>
    public YamlMap? Map(string name) => Find(name) switch
    {
        null => null,
        YamlScalarNode scalar when IsNull(scalar) => null,
        YamlMappingNode map => new YamlMap(map, $"{Path}.{name}", Errors, variable),
        var other => Wrong(other, name),
    };

    /// <summary>The mappings of the list there; empty when missing.</summary>
    public IEnumerable<YamlMap> Maps(string name)
    {
        YamlNode? found = Find(name);
        if (found is YamlSequenceNode sequence)
        {
            return sequence.Select((item, i) => (item, path: $"{(Path.Length == 0 ? "" : Path + ".")}{name}[{i}]")).Select(i =>
            {
                if (i.item is YamlMappingNode map)
                {
                    return new YamlMap(map, i.path, Errors, variable);
                }
                Errors.Add(i.item, i.path, "Properties with values are expected here.");
                return null;
            }).OfType<YamlMap>();
        }
        if (found is not null and not YamlScalarNode { Value: null or "" })
        {
            Errors.Add(found, name, "A list is expected here.");
        }
        return [];
    }

    /// <summary>The texts of a mapping whose names are free.</summary>
    public Dictionary<string, string>? Values(string name) =>
        Map(name) is { } map ? map.Names().ToDictionary(n => n, n => map.Text(n) ?? "") : null;

    /// <summary>The node as JSON; null when missing.</summary>
    public string? Json(string name) => Find(name) is { } found && found is not YamlScalarNode { Value: null or "" } ? YamlJson.Convert(found, variable) : null;

    public void Error(string name, string message) => Errors.Add(Find(name) ?? node, $"{Path}.{name}", message);

    public void End(params string[] alsoKnown)
    {
        foreach ((YamlNode key, _) in node.Children)
        {
            string name = key is YamlScalarNode { Value: { } text } ? text : key.ToString();
            if (!_read.Contains(name) && !alsoKnown.Contains(name))
            {
                Errors.Add(key, Path.Length == 0 ? name : $"{Path}.{name}", "There is no such property.");
            }
        }
    }

    private IEnumerable<string> Names() => node.Children.Keys.OfType<YamlScalarNode>().Select(k => k.Value ?? "");

    private YamlMap? Wrong(YamlNode other, string name)
    {
        Errors.Add(other, $"{Path}.{name}", "Properties with values are expected here.");
        return null;
    }

    private YamlNode? Find(string name)
    {
        _read.Add(name);
        return node.Children.TryGetValue(new YamlScalarNode(name), out YamlNode? found) ? found : null;
    }
}
