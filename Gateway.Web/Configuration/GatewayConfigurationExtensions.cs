using Gateway.Core;
using Gateway.Web.Hosting;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.Memory;

namespace Gateway.Web.Configuration;

internal static class GatewayConfigurationExtensions
{
    /// <summary>
    /// Reads all layers of configuration (see <see cref="GatewayConfiguration"/>) and keeps them fresh while running. Adds
    /// <see cref="GatewaySettings"/>, <see cref="GatewayOptionsSource"/> and
    /// <c>Func&lt;GatewayOptions&gt;</c>.
    /// </summary>
    /// <param name="args">The process's arguments; <c>serve file.yaml</c> names the YAML file.</param>
    /// <exception cref="GatewayConfigurationException">Something is wrong; the message lists everything.</exception>
    public static GatewaySettings AddGatewayConfiguration(this IHostApplicationBuilder builder, string[] args)
    {
        CheckedConfiguration read = Read(builder, args, Environment.GetEnvironmentVariable, out GatewayConfiguration configuration);
        var options = new GatewayOptionsSource(read.Settings.Options);
        builder.Services.AddSingleton(configuration);
        builder.Services.AddSingleton(read);
        builder.Services.AddSingleton(read.Settings);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<Func<GatewayOptions>>(() => options.Current);
        builder.Services.AddHostedService<ConfigurationReload>();
        return read.Settings;
    }

    internal static CheckedConfiguration Read(
        IHostApplicationBuilder builder, string[] args, Func<string, string?> variable, out GatewayConfiguration configuration)
    {
        IConfigurationManager manager = builder.Configuration;
        string directory = ConfigurationPlace.FindDirectory(builder.Environment.ContentRootPath);
        var variables = new VariableFiles(variable);
        configuration = new GatewayConfiguration(
            (IConfigurationRoot)manager, new ConfigurationPlace(directory, null, builder.Environment.EnvironmentName), variables);

        // The host's own reader of appsettings.json looks in the content root, and empties itself when the file is broken.
        string[] hostFiles = [SettingsFiles.Json, $"appsettings.{builder.Environment.EnvironmentName}.json"];
        foreach (IConfigurationSource own in manager.Sources.Where(s => s is JsonConfigurationSource { Path: { } path } && hostFiles.Contains(path)).ToList())
        {
            manager.Sources.Remove(own);
        }
        // It would take a file name that starts with a slash for an option, and the next argument for its value.
        foreach (CommandLineConfigurationSource line in manager.Sources.OfType<CommandLineConfigurationSource>())
        {
            line.Args = [.. args.SkipWhile(a => !a.StartsWith('-'))];
        }
        variables.ReadSettings(manager);
        int environment = manager.Sources.ToList().FindLastIndex(s => s is EnvironmentVariablesConfigurationSource { Prefix: null or "" });
        int index = environment < 0 ? manager.Sources.Count : environment;
        manager.Sources.Insert(index, configuration.Json);
        manager.Sources.Insert(index + 1, configuration.Yaml);
        manager.Sources.Insert(index + 2, new MemoryConfigurationSource { InitialData = EnvironmentAliases.Read(variables.Variable) });
        manager.Sources.Insert(Math.Min(index + 4, manager.Sources.Count), variables.Settings);

        configuration.Apply(SettingsFiles.Read(configuration.Place, variables.Variable));
        string? yaml = CommandLine.File(args) ?? (manager["Gateway:ConfigFile"] is { Length: > 0 } named ? named : null);
        if (yaml is not null)
        {
            configuration.Place = configuration.Place with { YamlFile = Path.GetFullPath(yaml) };
        }
        CheckedConfiguration read = configuration.Check();
        if (read.Errors.Count > 0)
        {
            throw new GatewayConfigurationException(read.Errors);
        }
        configuration.Apply(read.Files);
        string[] endpoints = [.. TlsEndpoints(manager)];
        return endpoints.Length == 0 ? read : throw new GatewayConfigurationException(endpoints);
    }

    // The web server reads these itself. It would close such an address, and cut what runs there, whenever its certificate changes.
    private static IEnumerable<string> TlsEndpoints(IConfigurationManager configuration) =>
        from endpoint in configuration.GetSection("Kestrel:Endpoints").GetChildren()
        where endpoint["Url"]?.StartsWith("https:", StringComparison.OrdinalIgnoreCase) == true
        select $"{endpoint.Path}:Url is \"{endpoint["Url"]}\"; it must be http://…: Gateway:Tls:Certificate and Gateway:Tls:Port serve TLS (docs/deployment.md).";
}
