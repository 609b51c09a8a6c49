using System.Text;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Relay;

namespace Gateway.Core.Capabilities;

/// <summary>What an answer says it used, in any of the shapes that the relay knows too.</summary>
public static class UsageFields
{
    /// <summary>Tokens and units; none and null where nothing was said.</summary>
    public static (Usage Usage, BilledUnits? Units) Of(JsonElement answer)
    {
        // Only the small parts that can hold it, not the vectors.
        var parts = new StringBuilder("{");
        foreach (string name in (ReadOnlySpan<string>)["usage", "usageMetadata", "meta"])
        {
            if (answer.TryGetProperty(name, out JsonElement part))
            {
                parts.Append(parts.Length > 1 ? "," : "").Append('"').Append(name).Append("\":").Append(part.GetRawText());
            }
        }
        CapabilityReader.TryRead(Encoding.UTF8.GetBytes(parts.Append('}').ToString()), out CapabilityFacts facts);
        return (facts.HasUsage ? facts.Usage : default, facts.Units);
    }
}
