using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;

namespace Gateway.Providers.Anthropic;

/// <summary>
/// Names what stands inside blocks and has no place in the canonical parts. On this wire the raw message carries it; for all
/// others it is an extension without a value, so that its loss is told.
/// </summary>
internal static class AnthropicBlockMarks
{
    private static readonly (string Field, bool TunesOnly)[] Marks = [("context", false), ("transformations", true)];

    public static void Add(JsonElement content, List<VendorExtension> extensions)
    {
        if (content.ValueKind != JsonValueKind.Array)
        {
            return;
        }
        foreach (JsonElement block in content.EnumerateArray())
        {
            string? type = block.Text("type");
            if (type is "document" or "image" or "search_result")
            {
                foreach ((string field, bool tunes) in Marks)
                {
                    if (block.Has(field, out _))
                    {
                        Mark(field, tunes, extensions);
                    }
                }
                if (block.Has("citations", out JsonElement citations) && citations.Flag("enabled") == true)
                {
                    Mark("citations", false, extensions);
                }
            }
            else if (type == "tool_result" && block.Has("content", out JsonElement inner))
            {
                Add(inner, extensions);
            }
        }
    }

    public static void Mark(string name, bool tunesOnly, List<VendorExtension> extensions)
    {
        if (!extensions.Exists(e => e.Name == name))
        {
            extensions.Add(new VendorExtension(Wire.AnthropicMessages, name, default) { TunesOnly = tunesOnly });
        }
    }
}
