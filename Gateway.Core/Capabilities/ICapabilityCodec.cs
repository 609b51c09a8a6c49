using Gateway.Core.Catalog;

namespace Gateway.Core.Capabilities;

/// <summary>Reads and writes one vendor's shape of a capability. Safe for concurrent use.</summary>
public interface ICapabilityCodec
{
    /// <summary>The operation whose bodies it knows.</summary>
    Operation Operation { get; }
}
