namespace Gateway.Web.Configuration;

/// <summary>The short environment names, such as <c>PORT</c>, as the settings they stand for.</summary>
internal static class EnvironmentAliases
{
    public static Dictionary<string, string?> Read(Func<string, string?> variable)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (Setting setting in KnownSettings.All)
        {
            if (setting.Variables.Select(variable).FirstOrDefault(v => !string.IsNullOrWhiteSpace(v)) is { } value)
            {
                values[setting.Key] = value;
            }
        }
        if (variable("DEBUG") is { } debug && (debug == "1" || debug.Equals("true", StringComparison.OrdinalIgnoreCase)))
        {
            values.TryAdd("Gateway:Telemetry:LogLevel", "debug");
        }
        return values;
    }
}
