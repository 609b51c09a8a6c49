using Gateway.Web.Configuration;
using Microsoft.Extensions.Hosting;

namespace Gateway.Tests.Configuration;

/// <summary>Files in a directory of their own, and an environment that is the test's and not the machine's.</summary>
internal sealed class TestConfiguration : IDisposable
{
    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("gateway-config-").FullName;
    public Dictionary<string, string> Environment { get; } = [];
    public string EnvironmentName { get; init; } = "Production";
    public string YamlFile => Path.Combine(Directory, "gateway.yaml");

    public GatewayConfiguration Configuration { get; private set; } = null!;

    /// <summary>What the host's configuration says of a key, after <see cref="Read"/>.</summary>
    public HostApplicationBuilder Host { get; private set; } = null!;

    public TestConfiguration Json(string text)
    {
        File.WriteAllText(Path.Combine(Directory, "appsettings.json"), text);
        return this;
    }

    public TestConfiguration Yaml(string text)
    {
        File.WriteAllText(YamlFile, text);
        return this;
    }

    /// <summary>As at the start of the process; <c>serve gateway.yaml</c> when there is such a file.</summary>
    public CheckedConfiguration Read(params string[] args)
    {
        if (!File.Exists(Path.Combine(Directory, "appsettings.json")))
        {
            Json("{}");
        }
        string[] all = [.. File.Exists(YamlFile) ? ["serve", YamlFile] : Array.Empty<string>(), .. args];
        Host = new HostApplicationBuilder(new HostApplicationBuilderSettings
        {
            ContentRootPath = Directory,
            EnvironmentName = EnvironmentName,
            Args = all,
        });
        CheckedConfiguration read = GatewayConfigurationExtensions.Read(Host, all, Environment.GetValueOrDefault, out GatewayConfiguration configuration);
        Configuration = configuration;
        return read;
    }

    /// <summary>Everything that keeps the process from starting.</summary>
    public IReadOnlyList<string> ReadErrors(params string[] args)
    {
        try
        {
            Read(args);
            return [];
        }
        catch (GatewayConfigurationException e)
        {
            return e.Errors;
        }
    }

    public void Dispose() => Directories.Remove(Directory);
}
