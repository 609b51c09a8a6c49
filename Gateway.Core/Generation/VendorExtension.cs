using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation.Conversion;

namespace Gateway.Core.Generation;

/// <summary>A field that only one wire knows.</summary>
/// <param name="Name">As it stands at the top of the request or answer, for example <c>logit_bias</c>.</param>
public sealed record VendorExtension(Wire Wire, string Name, JsonElement Value)
{
    /// <summary>Writes those of <paramref name="wire"/> as properties and notes the others as lost.</summary>
    public static void WriteAll(IReadOnlyList<VendorExtension> extensions, Wire wire, Utf8JsonWriter writer, ConversionNotes notes)
    {
        foreach (VendorExtension extension in extensions)
        {
            if (extension.Wire == wire)
            {
                writer.WritePropertyName(extension.Name);
                extension.Value.WriteTo(writer);
            }
            else
            {
                notes.Lose(extension.Name, $"Only {extension.Wire.ToName()} has this field.");
            }
        }
    }
}
