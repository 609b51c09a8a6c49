using System.Security.Cryptography;
using System.Text.Json;
using Gateway.Core.Catalog;
using YamlDotNet.RepresentationModel;

namespace Gateway.Web.Configuration;

/// <summary>What the files say at one moment.</summary>
/// <param name="Fingerprint">Of what was there before they were read: a change while they were is seen as one.</param>
internal sealed record FileContents(
    IDictionary<string, string?> Json, IDictionary<string, string?> Yaml, CatalogDefinition Catalog, IReadOnlyList<string> Errors, byte[] Fingerprint);

/// <summary>Reads appsettings.json (with appsettings.{Environment}.json over it) and the YAML file.</summary>
internal static class SettingsFiles
{
    public const string Json = "appsettings.json";

    // The files that may change, present or not.
    private static IReadOnlyList<string> All(ConfigurationPlace place) =>
        [.. JsonFiles(place), .. place.YamlFile is null ? Array.Empty<string>() : [place.YamlFile]];

    public static FileContents Read(ConfigurationPlace place, Func<string, string?> variable)
    {
        byte[] fingerprint = Fingerprint(place);
        var errors = new List<string>();
        var json = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (string file in JsonFiles(place).Where(File.Exists))
        {
            ReadJson(file, json, errors);
        }
        var yaml = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        CatalogDefinition catalog = new();
        if (place.YamlFile is not null)
        {
            catalog = ReadYaml(place.YamlFile, yaml, place.TokenSecret, variable, errors);
        }
        return new FileContents(json, yaml, catalog, errors, fingerprint);
    }

    /// <summary>Differs when the content of a file does.</summary>
    public static byte[] Fingerprint(ConfigurationPlace place)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in All(place))
        {
            try
            {
                // It need not be there, and is looked for twice a second: not by an exception each time.
                hash.AppendData(File.Exists(file) ? File.ReadAllBytes(file) : []);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Missing for the moment between deletion and replacement, or for good: both are a content of their own.
            }
            hash.AppendData([0]);
        }
        return hash.GetHashAndReset();
    }

    /// <summary>The name of the JSON file whose value of a key counts; null when none has one.</summary>
    public static string? JsonFileOf(ConfigurationPlace place, string key)
    {
        foreach (string file in JsonFiles(place).Reverse().Where(File.Exists))
        {
            var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
            ReadJson(file, values, []);
            if (values.Keys.Any(k => k.Equals(key, StringComparison.OrdinalIgnoreCase) || k.StartsWith(key + ":", StringComparison.OrdinalIgnoreCase)))
            {
                return Path.GetFileName(file);
            }
        }
        return null;
    }

    private static string[] JsonFiles(ConfigurationPlace place) =>
        [Path.Combine(place.Directory, Json), Path.Combine(place.Directory, $"appsettings.{place.EnvironmentName}.json")];

    private static void ReadJson(string file, Dictionary<string, string?> values, List<string> errors)
    {
        try
        {
            using var stream = new MemoryStream(File.ReadAllBytes(file));
            foreach ((string key, string? value) in new ConfigurationBuilder().AddJsonStream(stream).Build().AsEnumerable())
            {
                if (value is not null)
                {
                    values[key] = value;
                }
            }
        }
        catch (Exception e) when (e is JsonException or FormatException or IOException or UnauthorizedAccessException)
        {
            errors.Add($"{Path.GetFileName(file)} cannot be read: {e.InnerException?.Message ?? e.Message}");
        }
    }

    private static CatalogDefinition ReadYaml(
        string file, Dictionary<string, string?> values, byte[] tokenSecret, Func<string, string?> variable, List<string> errors)
    {
        var yamlErrors = new YamlErrors(Path.GetFileName(file));
        CatalogDefinition catalog = new();
        try
        {
            if (!YamlText.TryParse(File.ReadAllText(file), out YamlNode? root, out YamlError? error))
            {
                yamlErrors.Add(error.Line, "", error.Message);
            }
            else if (root is YamlMappingNode map)
            {
                var lists = new YamlMap(map, "", yamlErrors, variable);
                catalog = FileCatalog.Read(lists, tokenSecret, File.GetLastWriteTimeUtc(file));
                YamlSettings.Read(map, values, yamlErrors, variable);
            }
            else if (root is not null and not YamlScalarNode { Value: null or "" })
            {
                yamlErrors.Add(root, "", "Properties with values are expected here.");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add($"The file {file} (Gateway:ConfigFile) cannot be read: {e.Message}");
        }
        errors.AddRange(yamlErrors.All);
        return catalog;
    }
}
