using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;

namespace Gateway.Providers.Gemini;

/// <summary>Writes the body of <c>generateContent</c>; model and streaming are in the path.</summary>
internal sealed class GeminiRequestWriter(Utf8JsonWriter writer, ConversionNotes notes)
{
    public void Write(GenerationRequest request)
    {
        writer.WriteStartObject();
        WriteInstructions(request);
        new GeminiContentWriter(writer, notes, request.Model).Write(request.Messages);
        GeminiToolWriter.Write(request, writer, notes);
        GeminiConfigWriter.Write(request, writer, notes);
        WriteRest(request);
        writer.WriteEndObject();
    }

    private void WriteInstructions(GenerationRequest request)
    {
        if (request.Instructions.Count > 0)
        {
            writer.WriteStartObject("systemInstruction");
            new GeminiContentWriter(writer, notes, request.Model).WriteParts(request.Instructions);
            writer.WriteEndObject();
        }
    }

    private void WriteRest(GenerationRequest request)
    {
        bool own = request.Origin == Wire.Gemini;
        if (request.Metadata.Count > 0 && own)
        {
            writer.WriteStartObject("labels");
            foreach ((string name, string value) in request.Metadata)
            {
                writer.WriteString(name, value);
            }
            writer.WriteEndObject();
        }
        else if (request.Metadata.Count > 0)
        {
            // Vertex AI alone has labels, in lower case and of 63 characters at most; the Gemini API refuses them.
            notes.Lose("metadata", "The Gemini API takes no metadata.");
        }
        if (request.ServiceTier is { } tier && own)
        {
            writer.WriteString("serviceTier", GeminiServiceTier.Write(tier));
        }
        else if (request.ServiceTier is not (null or "auto" or "default"))
        {
            notes.Lose("service_tier", "Vertex AI does not take a tier in the request.");
        }
        if (request.User is not null)
        {
            notes.Lose("user", "Gemini has no field for the end user.");
        }
        if (request.CacheKey is not null)
        {
            notes.Bridge("cache", "Gemini finds shared prefixes by itself.");
        }
        if (request.Store == true && request.Origin == Wire.OpenAIChat)
        {
            notes.Lose("store", "Gemini keeps no answers.");
        }
        // Those with a dot in their names belong deeper and are written there.
        VendorExtension.WriteAll(
            [.. request.Extensions.Where(e => e.Wire != Wire.Gemini || !e.Name.Contains('.', StringComparison.Ordinal))], Wire.Gemini, writer, notes);
    }
}
