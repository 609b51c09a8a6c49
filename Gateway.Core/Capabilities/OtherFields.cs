using System.Text.Json;
using Gateway.Core.Generation.Conversion;

namespace Gateway.Core.Capabilities;

/// <summary>Names the fields of a request that a codec does not know, so that none is dropped in silence.</summary>
public static class OtherFields
{
    /// <summary>Fields that are there, not null, and none of <paramref name="known"/>; the gateway's own extensions are not among them.</summary>
    public static IReadOnlyList<string> Of(JsonElement body, params ReadOnlySpan<string> known)
    {
        var others = new List<string>();
        foreach (JsonProperty property in body.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Null && !known.Contains(property.Name) && !IsOurs(property.Name))
            {
                others.Add(property.Name);
            }
        }
        return others;
    }

    /// <summary>What the gateway reads itself: its extensions, and the model.</summary>
    internal static bool IsOurs(string name) => name.StartsWith("omni_", StringComparison.Ordinal) || name is "model" or "summary_model";

    public static void Lose(IReadOnlyList<string> others, ConversionNotes notes)
    {
        foreach (string name in others)
        {
            notes.Lose(name, "The other API has no such field.");
        }
    }
}
