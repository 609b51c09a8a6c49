using Gateway.Core.Generation.Parts;

namespace Gateway.Core.Generation.Tools;

/// <summary>Something the model may call.</summary>
public abstract record ToolDefinition
{
    public CacheHint? Cache { get; init; }
}
