using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Tools;

namespace Gateway.Providers.OpenAI.Responses;

/// <summary>
/// How a call names its tool in Responses, where a tool of a namespace is called by two names. Other wires have one, which is made of both.
/// </summary>
/// <param name="Namespace">Null for a tool that stands by itself.</param>
/// <param name="Custom">The tool is a custom one: its input is text.</param>
internal readonly record struct ResponsesToolName(string Name, string? Namespace, bool Custom)
{
    // The most that OpenAI and Gemini take.
    private const int MaxLength = 64;
    private const int HashLength = 8;

    /// <summary>By the request's own tools.</summary>
    /// <param name="name">As other wires call it.</param>
    public static ResponsesToolName Of(GenerationRequest request, string? name)
    {
        foreach (ToolDefinition tool in request.Tools)
        {
            if (tool is FunctionTool { Raw: { Wire: Wire.OpenAIResponses } raw } function && function.Name == name)
            {
                return new ResponsesToolName(raw.Json.Text("name") ?? name, function.Group?.Json.Text("name"), raw.Json.Text("type") == "custom");
            }
        }
        return new ResponsesToolName(name ?? "", null, false);
    }

    /// <summary>The one name of the tool that an item calls.</summary>
    public static string Read(JsonElement item) => Join(item.Text("namespace"), item.Text("name") ?? "");

    /// <summary>The one name of a tool that is called by two.</summary>
    public static string Join(string? space, string name)
    {
        // OpenAI gives a tool without a namespace, once it was searched for, its own name as one.
        if (space is null || space == name)
        {
            return name;
        }
        string joined = space.EndsWith('_') ? space + name : $"{space}__{name}";
        if (joined.Length <= MaxLength)
        {
            return joined;
        }
        int kept = MaxLength - HashLength - 1;
        kept -= char.IsHighSurrogate(joined[kept - 1]) ? 1 : 0;
        return $"{joined.AsSpan(0, kept)}_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(joined))).AsSpan(0, HashLength)}";
    }

    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteString("name"u8, Name);
        if (Namespace is not null)
        {
            writer.WriteString("namespace"u8, Namespace);
        }
    }
}
