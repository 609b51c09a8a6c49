namespace Gateway.Core.Telemetry.Metrics;

/// <summary>Writes families of metrics when somebody asks for them. Safe for concurrent use; each family is written by one source only.</summary>
public interface IMetricSource
{
    /// <summary>Writes all of its families as they stand now.</summary>
    void Write(ExpositionWriter writer);
}
