namespace Gateway.Web.Telemetry;

/// <summary>Whether and where metrics are served.</summary>
/// <param name="Enabled">False: there is no such page.</param>
/// <param name="Port">A port that serves them and nothing else; 0 serves them beside everything else.</param>
internal readonly record struct MetricsSettings(bool Enabled, int Port)
{
    /// <summary>They have a port of their own.</summary>
    public bool HasPort => Enabled && Port > 0;
}
