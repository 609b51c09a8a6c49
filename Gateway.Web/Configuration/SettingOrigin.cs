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

    /// <summary>A file that a variable names.</summary>
    File,

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
    /// <param name="variables">What of the short names is set.</param>
    public static SettingOrigin Of(IConfigurationProvider provider, Setting setting, string value, VariableFiles variables)
    {
        string? alias = setting.Variables.FirstOrDefault(v => !string.IsNullOrWhiteSpace(variables.Variable(v)));
        return provider switch
        {
            EnvironmentVariablesConfigurationProvider => new(value, SettingSource.Environment, LongName(setting)),
            CommandLineConfigurationProvider => new(value, SettingSource.Host, "the command line"),
            _ when provider == variables.Settings => variables.OriginOf(setting, value),
            _ when alias is not null && variables.Variable(alias) == value => variables.OriginOf(alias, value) ?? new(value, SettingSource.Environment, alias),
            _ when setting.Key == "Gateway:Telemetry:LogLevel" && !string.IsNullOrEmpty(variables.Variable("DEBUG")) => new(value, SettingSource.Environment, "DEBUG"),
            _ => new(value, SettingSource.Host, "the host"),
        };
    }

    /// <summary>As in <c>Gateway__Limits__AssumedOutputTokens</c>.</summary>
    public static string LongName(Setting setting) => setting.Key.Replace(":", "__", StringComparison.Ordinal);
}
