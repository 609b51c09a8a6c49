using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace Gateway.Web.Configuration;

internal enum SettingSource
{
    /// <summary>Nothing sets it.</summary>
    Default,
    Json,
    Yaml,
    Environment,

    /// <summary>The command line, or whatever else the host has.</summary>
    Host,
}

/// <summary>A setting's strongest value, and who sets it.</summary>
/// <param name="Value">Null when nothing does.</param>
/// <param name="Name">The file or variable; null when nothing does.</param>
internal sealed record SettingOrigin(string? Value, SettingSource Source, string? Name)
{
    public static SettingOrigin None { get; } = new(null, SettingSource.Default, null);

    /// <summary>Of a provider that has the value.</summary>
    /// <param name="variable">What of the short names is set.</param>
    public static SettingOrigin Of(IConfigurationProvider provider, Setting setting, string value, Func<string, string?> variable)
    {
        string? alias = setting.Variables.FirstOrDefault(v => !string.IsNullOrWhiteSpace(variable(v)));
        return provider switch
        {
            EnvironmentVariablesConfigurationProvider => new(value, SettingSource.Environment, LongName(setting)),
            CommandLineConfigurationProvider => new(value, SettingSource.Host, "the command line"),
            _ when alias is not null && variable(alias) == value => new(value, SettingSource.Environment, alias),
            _ when setting.Key == "Gateway:Telemetry:LogLevel" && !string.IsNullOrEmpty(variable("DEBUG")) => new(value, SettingSource.Environment, "DEBUG"),
            _ => new(value, SettingSource.Host, "the host"),
        };
    }

    /// <summary>As in <c>Gateway__Limits__AssumedOutputTokens</c>.</summary>
    public static string LongName(Setting setting) => setting.Key.Replace(":", "__", StringComparison.Ordinal);
}
