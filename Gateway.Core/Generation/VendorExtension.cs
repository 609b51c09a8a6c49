using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation.Conversion;

namespace Gateway.Core.Generation;

/// <summary>A field that only one wire knows.</summary>
/// <param name="Name">As it stands at the top of the request or answer, for example <c>logit_bias</c>.</param>
/// <param name="Value">
/// Undefined where the field stands deeper, in a message or a tool whose raw form carries it, and is only named here for wires
/// that cannot.
/// </param>
public sealed record VendorExtension(Wire Wire, string Name, JsonElement Value)
{
    /// <summary>Without it an answer is made otherwise (faster, dearer, later), but is no other answer: elsewhere it is bridged, not lost.</summary>
    public bool TunesOnly { get; init; }

    /// <summary>Writes those of <paramref name="wire"/> as properties and notes the others as lost.</summary>
    public static void WriteAll(IReadOnlyList<VendorExtension> extensions, Wire wire, Utf8JsonWriter writer, ConversionNotes notes)
    {
        foreach (VendorExtension extension in extensions)
        {
            if (extension.Wire == wire)
            {
                if (extension.Value.ValueKind != JsonValueKind.Undefined)
                {
                    writer.WritePropertyName(extension.Name);
                    extension.Value.WriteTo(writer);
                }
            }
            else if (extension.TunesOnly)
            {
                notes.Bridge(extension.Name, $"Only {extension.Wire.ToTitle()} has this field; it tunes, and the answer means the same without it.");
            }
            else
            {
                notes.Lose(extension.Name, $"Only {extension.Wire.ToTitle()} has this field.");
            }
        }
    }
}
