using YamlDotNet.RepresentationModel;

namespace Gateway.Web.Configuration;

/// <summary>
/// Reads the settings of a YAML file: under their own names (<c>gateway.limits.assumed_output_tokens</c>, in any case, with
/// or without underscores) and under those of <see cref="Setting.FileAlias"/>.
/// </summary>
internal static class YamlSettings
{
    /// <summary>What a file holds beside settings: the lists of the catalog.</summary>
    public static readonly string[] Lists = ["providers", "models", "routes", "keys", "teams", "limits", "budgets", "prices"];

    // Sections of the framework and of Microsoft.Identity.Web, whose settings are not ours to check.
    private static readonly string[] Foreign = ["azuread", "kestrel", "allowedhosts"];

    // Providers and rules of sign-in, which SignInSettings checks.
    private static readonly string[] SignInSections = ["gateway:signin:providers:", "gateway:signin:rules"];

    private static readonly Dictionary<string, Setting> ByFileName = KnownSettings.All
        .SelectMany(s => s.FileAlias is null ? [(Plain(s.Key), s)] : new[] { (Plain(s.Key), s), (Plain(s.FileAlias.Replace('.', ':')), s) })
        // Some aliases are the setting's own name in other letters.
        .DistinctBy(s => s.Item1)
        .ToDictionary(s => s.Item1, s => s.s);

    public static void Read(YamlMappingNode root, Dictionary<string, string?> values, YamlErrors errors, Func<string, string?> variable)
    {
        foreach ((YamlNode key, YamlNode value) in root.Children)
        {
            string name = (key as YamlScalarNode)?.Value ?? "";
            if (!Lists.Contains(name))
            {
                Read(key, value, name, values, errors, variable);
            }
        }
    }

    private static void Read(
        YamlNode key, YamlNode value, string path, Dictionary<string, string?> values, YamlErrors errors, Func<string, string?> variable)
    {
        Setting? setting = ByFileName.GetValueOrDefault(Plain(path));
        bool foreign = IsForeign(Plain(path));
        if (value is YamlMappingNode map && setting is null)
        {
            foreach ((YamlNode innerKey, YamlNode innerValue) in map.Children)
            {
                Read(innerKey, innerValue, $"{path}:{(innerKey as YamlScalarNode)?.Value}", values, errors, variable);
            }
        }
        else if (setting is null && !foreign)
        {
            errors.Add(key, path.Replace(':', '.'), "There is no such setting.");
        }
        else if (foreign && value is YamlSequenceNode entries && entries.Children.Any(e => e is YamlMappingNode))
        {
            foreach ((int i, YamlNode entry) in entries.Children.Index())
            {
                Read(key, entry, $"{path}:{i}", values, errors, variable);
            }
        }
        else if (value is YamlSequenceNode list && (foreign || setting!.Kind == SettingKind.List))
        {
            Set(values, setting?.Key ?? SignInName(path), string.Join(',', list.OfType<YamlScalarNode>().Select(i => YamlMap.Text(i, variable))));
        }
        else if (value is YamlScalarNode scalar)
        {
            Set(values, setting?.Key ?? SignInName(path), YamlMap.IsNull(scalar) ? "" : YamlMap.Text(scalar, variable));
        }
        else
        {
            errors.Add(value, path.Replace(':', '.'), "A single value is expected here.");
        }
    }

    /// <summary>An empty value (a variable that is not set) leaves the setting to weaker sources.</summary>
    private static void Set(Dictionary<string, string?> values, string key, string value)
    {
        if (value.Length > 0)
        {
            values[key] = value;
        }
    }

    private static bool IsForeign(string plain) => Foreign.Contains(plain.Split(':')[0]) || SignInSections.Any(s => plain.StartsWith(s, StringComparison.Ordinal));

    /// <summary>Sign-in's own names may have underscores in a file as all settings may; those that people give to providers stay.</summary>
    private static string SignInName(string path) => SignInSections.Any(s => Plain(path).StartsWith(s, StringComparison.Ordinal))
        ? string.Join(':', path.Split(':').Select((part, i) => i == 3 ? part : part.Replace("_", "")))
        : path;

    private static string Plain(string name) => name.Replace("_", "").ToLowerInvariant();
}
