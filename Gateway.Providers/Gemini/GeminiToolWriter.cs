using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Tools;

namespace Gateway.Providers.Gemini;

/// <summary>Writes <c>tools</c> and <c>toolConfig</c>.</summary>
internal static class GeminiToolWriter
{
    private const string ServerSide = GeminiConfigWriter.ToolConfigPrefix + "includeServerSideToolInvocations";

    public static void Write(GenerationRequest request, Utf8JsonWriter writer, ConversionNotes notes)
    {
        List<FunctionTool> functions = Declared(request, notes);
        List<JsonElement> builtIns = BuiltIns(request, functions.Count > 0, notes, out bool mixed);
        if (functions.Count + builtIns.Count > 0)
        {
            writer.WriteStartArray("tools");
            WriteFunctions(functions, request.Model, writer, notes);
            builtIns.ForEach(b => b.WriteTo(writer));
            writer.WriteEndArray();
        }
        // A choice among no functions is refused, unless the client itself knows better.
        WriteConfig(request, functions.Count > 0 || request.Origin == Wire.Gemini ? request.ToolChoice : null, mixed, writer);
        if (request.ParallelToolCalls == false && functions.Count > 0)
        {
            notes.Lose("parallel_tool_calls", "Gemini cannot be held to one call at a time.");
        }
    }

    private static List<FunctionTool> Declared(GenerationRequest request, ConversionNotes notes)
    {
        List<FunctionTool> functions = [.. request.Tools.OfType<FunctionTool>()];
        if (request.ToolChoice is { Mode: ToolChoiceMode.Auto, Allowed.Count: > 0, Validated: false } choice)
        {
            // Gemini takes a list of names only where a call is required.
            notes.Bridge("tool_choice:allowed", "Only the functions that may be called are declared.");
            functions.RemoveAll(f => !choice.Allowed.Contains(f.Name));
        }
        return functions;
    }

    private static List<JsonElement> BuiltIns(GenerationRequest request, bool withFunctions, ConversionNotes notes, out bool mixed)
    {
        List<JsonElement> tools = [];
        mixed = false;
        foreach (BuiltInTool tool in request.Tools.OfType<BuiltInTool>())
        {
            string? name = tool.Purpose switch
            {
                BuiltInPurpose.WebSearch => "googleSearch",
                BuiltInPurpose.CodeExecution => "codeExecution",
                BuiltInPurpose.UrlContext => "urlContext",
                _ => null,
            };
            if (tool.Wire == Wire.Gemini)
            {
                tools.Add(tool.Json);
            }
            else if (name is null || (withFunctions && !GeminiModelName.MixesTools(request.Model)))
            {
                notes.Lose("tool:" + tool.Type, name is null ? "Gemini has no such tool." : "Before Gemini 3, functions and Google's own tools do not go together.");
            }
            else
            {
                notes.Bridge("tool:" + tool.Type, $"Google's own tool '{name}' takes its place, without its settings.");
                tools.Add(GeminiJson.Wrapped(name, JsonFields.Parse("{}"u8)));
                mixed |= withFunctions;
            }
        }
        return tools;
    }

    private static void WriteFunctions(List<FunctionTool> functions, string model, Utf8JsonWriter writer, ConversionNotes notes)
    {
        if (functions.Count == 0)
        {
            return;
        }
        writer.WriteStartObject();
        writer.WriteStartArray("functionDeclarations");
        foreach (FunctionTool function in functions)
        {
            if (function.Raw is { Wire: Wire.Gemini } raw)
            {
                raw.Json.WriteTo(writer);
                continue;
            }
            writer.WriteStartObject();
            writer.WriteString("name", function.Name);
            if (function.Description is not null)
            {
                writer.WriteString("description", function.Description);
            }
            WriteParameters(function.Parameters, model, writer, notes);
            writer.WriteEndObject();
            if (function.Strict == true)
            {
                notes.Bridge("strict", "Gemini holds calls to their schemas only where a call is required.");
            }
            if (function.Cache is not null)
            {
                notes.Bridge("cache", "Gemini finds shared prefixes by itself.");
            }
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteParameters(JsonElement schema, string model, Utf8JsonWriter writer, ConversionNotes notes)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return;
        }
        if (GeminiModelName.TakesJsonSchema(model))
        {
            writer.WritePropertyName("parametersJsonSchema");
            schema.WriteTo(writer);
        }
        else if (schema.Has("properties", out JsonElement properties) && properties.ValueKind == JsonValueKind.Object && properties.EnumerateObject().Any())
        {
            // An object without properties is refused there; a function without parameters says nothing of them.
            writer.WritePropertyName("parameters");
            new GeminiSchemaSubset(writer, notes).Write(schema);
        }
    }

    private static void WriteConfig(GenerationRequest request, ToolChoice? choice, bool mixed, Utf8JsonWriter writer)
    {
        List<VendorExtension> others = [.. request.Extensions.Where(
            e => e.Wire == Wire.Gemini && e.Name.StartsWith(GeminiConfigWriter.ToolConfigPrefix, StringComparison.Ordinal))];
        mixed &= !others.Exists(o => o.Name == ServerSide);
        if (choice is null && others.Count == 0 && !mixed)
        {
            return;
        }
        writer.WriteStartObject("toolConfig");
        if (choice is not null)
        {
            WriteChoice(choice, writer);
        }
        if (mixed)
        {
            writer.WriteBoolean(ServerSide[GeminiConfigWriter.ToolConfigPrefix.Length..], true);
        }
        foreach (VendorExtension other in others)
        {
            writer.WritePropertyName(other.Name[GeminiConfigWriter.ToolConfigPrefix.Length..]);
            other.Value.WriteTo(writer);
        }
        writer.WriteEndObject();
    }

    private static void WriteChoice(ToolChoice choice, Utf8JsonWriter writer)
    {
        writer.WriteStartObject("functionCallingConfig");
        writer.WriteString("mode", choice.Mode switch
        {
            ToolChoiceMode.None => "NONE",
            ToolChoiceMode.Required or ToolChoiceMode.Named => "ANY",
            _ => choice.Validated ? "VALIDATED" : "AUTO",
        });
        IReadOnlyList<string> allowed = choice.Mode == ToolChoiceMode.Named ? [choice.Name!] : choice.Mode == ToolChoiceMode.Required || choice.Validated ? choice.Allowed : [];
        if (allowed.Count > 0)
        {
            writer.WriteStartArray("allowedFunctionNames");
            foreach (string name in allowed)
            {
                writer.WriteStringValue(name);
            }
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }
}
