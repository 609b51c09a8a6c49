using System.Security.Cryptography;

namespace Gateway.Web.Configuration;

/// <summary>Where the settings come from.</summary>
/// <param name="Directory">Holds appsettings.json; relative paths start here.</param>
/// <param name="YamlFile">Absolute; null without one.</param>
internal sealed record ConfigurationPlace(string Directory, string? YamlFile, string EnvironmentName)
{
    public bool IsDevelopment => EnvironmentName.Equals("Development", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Behind the hashes of tokens from files and the environment. They are hashed anew at every start and never stored, so
    /// the secret may be as short-lived as the process.
    /// </summary>
    public byte[] TokenSecret { get; } = RandomNumberGenerator.GetBytes(32);

    /// <summary>
    /// The directory of appsettings.json. Under <c>dotnet run</c> the content root is the project, and the file is beside
    /// the solution above it; a published product has it beside the program.
    /// </summary>
    public static string FindDirectory(string contentRoot)
    {
        if (File.Exists(Path.Combine(contentRoot, SettingsFiles.Json)))
        {
            return contentRoot;
        }
        for (DirectoryInfo? directory = new(contentRoot); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, SettingsFiles.Json)) && File.Exists(Path.Combine(directory.FullName, "GatewayConsole.sln")))
            {
                return directory.FullName;
            }
        }
        return AppContext.BaseDirectory;
    }
}
