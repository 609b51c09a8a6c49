using Gateway.Core.Catalog;

namespace Gateway.Web.Configuration;

/// <summary>
/// The layers of configuration, weakest first: appsettings.json, the YAML file, short environment names, and then whatever
/// the host has above them (environment variables by their full names, the command line). Reads and checks them as one.
/// </summary>
internal sealed class GatewayConfiguration(IConfigurationRoot configuration, ConfigurationPlace place, Func<string, string?> variable)
{
    public ReplaceableProvider Json { get; } = new();
    public ReplaceableProvider Yaml { get; } = new();
    public ConfigurationPlace Place { get; set; } = place;

    /// <summary>Reads the files anew and checks them together with everything else; changes nothing.</summary>
    public CheckedConfiguration Check()
    {
        FileContents files = SettingsFiles.Read(Place, variable);
        var reader = new SettingsReader(key => Find(key, files), Place);
        GatewaySettings settings = reader.Read();
        var errors = new List<string>(files.Errors);
        CatalogDefinition catalog = EnvironmentCatalog.AddTo(files.Catalog, reader, Place.TokenSecret, errors);
        errors.AddRange(reader.Errors);
        // The catalog's own check makes sense only when its parts were read whole.
        if (files.Errors.Count == 0)
        {
            errors.AddRange(CatalogSnapshot.Build(catalog, CatalogSnapshot.Empty, out _).Select(e => $"{e.Path}: {e.Message}"));
        }
        return new CheckedConfiguration(files, settings, catalog, errors);
    }

    /// <summary>Puts the files' values in force for everyone who reads configuration.</summary>
    public void Apply(FileContents files)
    {
        Json.Replace(files.Json);
        Yaml.Replace(files.Yaml);
    }

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
internal sealed record CheckedConfiguration(
    FileContents Files, GatewaySettings Settings, CatalogDefinition Catalog, IReadOnlyList<string> Errors);
