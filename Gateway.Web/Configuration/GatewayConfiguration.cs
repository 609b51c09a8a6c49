using Gateway.Core.Catalog;
using Gateway.Web.Security;

namespace Gateway.Web.Configuration;

/// <summary>
/// The layers of configuration, weakest first: appsettings.json, the YAML file, short environment names, and then whatever
/// the host has above them (environment variables by their full names, files that these name, the command line). Reads and
/// checks them as one.
/// </summary>
internal sealed class GatewayConfiguration(IConfigurationRoot configuration, ConfigurationPlace place, VariableFiles variables)
{
    private static readonly string[] NeverBlank = ["Gateway:AdminKey", "Gateway:Admin:Password", "Gateway:Security:MasterKey"];

    public ReplaceableProvider Json { get; } = new();
    public ReplaceableProvider Yaml { get; } = new();
    public ConfigurationPlace Place { get; set; } = place;

    /// <summary>Reads the files anew and checks them together with everything else; changes nothing.</summary>
    public CheckedConfiguration Check()
    {
        FileContents files = SettingsFiles.Read(Place, variables.Variable);
        var reader = new SettingsReader(key => Find(key, files), Place);
        GatewaySettings settings = reader.Read();
        var errors = new List<string>(files.Errors);
        CatalogDefinition catalog = EnvironmentCatalog.AddTo(files.Catalog, reader, Place.TokenSecret);
        ProviderWeights weights = ProviderWeights.Read(reader.Text("Gateway:Upstreams:Weights"), errors);
        errors.AddRange(reader.Errors);
        errors.AddRange(BlankSecrets(files));
        if (MasterKey.ProblemOf(Find("Gateway:Security:MasterKey", files), Find("Gateway:Security:MasterKeyFile", files)) is { } problem)
        {
            errors.Add(problem);
        }
        // The catalog's own check makes sense only when its parts were read whole.
        if (files.Errors.Count == 0)
        {
            errors.AddRange(CatalogSnapshot.Build(weights.Apply(catalog), CatalogSnapshot.Empty, out _).Select(e => $"{e.Path}: {e.Message}"));
        }
        errors.AddRange(variables.TakeErrors());
        return new CheckedConfiguration(files, settings, catalog, weights, errors);
    }

    /// <summary>Puts the files' values in force for everyone who reads configuration.</summary>
    public void Apply(FileContents files)
    {
        Json.Replace(files.Json);
        Yaml.Replace(files.Yaml);
    }

    /// <summary>The strongest value of a setting as it is in force, and who sets it.</summary>
    public SettingOrigin OriginOf(Setting setting)
    {
        foreach (IConfigurationProvider provider in configuration.Providers.Reverse())
        {
            if (Value(provider, setting) is not { } value)
            {
                continue;
            }
            return provider == Json ? new SettingOrigin(value, SettingSource.Json, SettingsFiles.JsonFileOf(Place, setting.Key))
                : provider == Yaml ? new SettingOrigin(value, SettingSource.Yaml, Place.YamlFile)
                : SettingOrigin.Of(provider, setting, value, variables);
        }
        return SettingOrigin.None;
    }

    // A list may be in one value, or have an entry each.
    private static string? Value(IConfigurationProvider provider, Setting setting)
    {
        if (provider.TryGet(setting.Key, out string? value) && !string.IsNullOrEmpty(value))
        {
            return value;
        }
        var entries = new List<string>();
        for (int i = 0; setting.Kind == SettingKind.List && provider.TryGet($"{setting.Key}:{i}", out string? entry) && !string.IsNullOrEmpty(entry); i++)
        {
            entries.Add(entry);
        }
        return entries.Count > 0 ? string.Join(", ", entries) : null;
    }

    /// <summary>Something sets a key that opens doors, but to nothing: a variable that was forgotten, which is not to pass for a choice.</summary>
    private IEnumerable<string> BlankSecrets(FileContents files) =>
        from key in NeverBlank
        let names = KnownSettings.Find(key)!.Variables
        where string.IsNullOrWhiteSpace(Find(key, files))
        let providers = configuration.Providers.Where(p => p != Json && p != Yaml)
        where (files.Json.TryGetValue(key, out string? json) && json is not null) || (files.Yaml.TryGetValue(key, out string? yaml) && yaml is not null)
            || providers.Any(p => p.TryGet(key, out string? value) && value is not null) || names.Any(n => variables.Variable(n) is not null)
        select $"{string.Join(" or ", names.Prepend(key))} is set, but to nothing. Give it a value, or leave it out.";

    private string? Find(string key, FileContents files)
    {
        foreach (IConfigurationProvider provider in configuration.Providers.Reverse())
        {
            string? value;
            bool found = provider == Json ? files.Json.TryGetValue(key, out value)
                : provider == Yaml ? files.Yaml.TryGetValue(key, out value)
                : provider.TryGet(key, out value);
            if (found && !string.IsNullOrEmpty(value))
            {
                return value;
            }
        }
        return null;
    }
}

/// <summary>A configuration that was read; usable when there are no <see cref="Errors"/>.</summary>
/// <param name="Catalog">As it is declared, before the weights.</param>
internal sealed record CheckedConfiguration(
    FileContents Files, GatewaySettings Settings, CatalogDefinition Catalog, ProviderWeights Weights, IReadOnlyList<string> Errors);
