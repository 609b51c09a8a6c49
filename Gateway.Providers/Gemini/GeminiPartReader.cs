using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Gemini;

/// <summary>Reads the parts of one conversation or answer.</summary>
internal sealed class GeminiPartReader(GeminiCallIds ids)
{
    // Beside what a part is; anything else in it names what it is.
    private static readonly HashSet<string> Beside =
        ["thought", "thoughtSignature", "videoMetadata", "mediaResolution", "partMetadata", "mediaProcessing", "speechMetadata", "audioTranscription"];

    public List<Part> ReadAll(JsonElement content)
    {
        List<Part> parts = [];
        foreach (JsonElement part in content.GetItems("parts"))
        {
            Read(part, parts);
        }
        return GeminiThoughts.Join(parts);
    }

    /// <summary>Adds what one part says; nothing for an empty text.</summary>
    public void Read(JsonElement part, List<Part> parts)
    {
        if (part.ValueKind != JsonValueKind.Object)
        {
            throw new GenerationFormatException("Each of a content's 'parts' must be an object.", "contents");
        }
        ReasoningPart? signed = part.GetText("thoughtSignature") is { } raw ? GeminiSignatures.FromClient(raw) : null;
        string? signature = signed?.Origin == Wire.Gemini ? signed.Signature : null;
        bool thought = part.GetFlag("thought") ?? false;
        if (part.GetText("text") is { } text)
        {
            AddText(text, thought, signed, parts);
        }
        else if (part.Get("functionCall", out JsonElement call))
        {
            parts.Add(ReadCall(call, signature));
        }
        else if (part.Get("functionResponse", out JsonElement result))
        {
            parts.Add(ReadResult(result));
        }
        else if (!thought && part.Get("inlineData", out JsonElement blob))
        {
            parts.Add(GeminiMedia.ReadInline(blob) with { Signature = signature, Detail = DetailOf(part) });
        }
        else if (!thought && part.Get("fileData", out JsonElement file))
        {
            parts.Add(GeminiMedia.ReadFile(file) with { Signature = signature, Detail = DetailOf(part) });
        }
        else if (part.Others(Beside).FirstOrDefault() is { Name: { } name })
        {
            parts.Add(new OpaquePart(Wire.Gemini, OpaqueType(name, thought), part));
        }
        else if (signed is not null)
        {
            AddText("", thought, signed, parts);
        }
    }

    private static void AddText(string text, bool thought, ReasoningPart? signed, List<Part> parts)
    {
        if (thought)
        {
            parts.Add(signed is null ? new ReasoningPart(text) { Origin = Wire.Gemini } : signed with { Text = text });
        }
        else if (text.Length > 0)
        {
            parts.Add(new TextPart(text) { Signature = signed?.Origin == Wire.Gemini ? signed.Signature : null });
        }
        else if (signed is { Origin: Wire.Gemini } && parts.Count > 0 && parts[^1] is TextPart { Signature: null } before)
        {
            // It comes after the text it belongs to, in a part of its own.
            parts[^1] = before with { Signature = signed.Signature };
        }
        else if (signed is not null)
        {
            parts.Add(signed);
        }
    }

    private ToolCallPart ReadCall(JsonElement call, string? signature)
    {
        string name = call.GetText("name") ?? "";
        return new ToolCallPart(ids.Call(call.GetText("id"), name), name, call.Get("args", out JsonElement args) ? args.GetRawText() : "{}") { Signature = signature };
    }

    private ToolResultPart ReadResult(JsonElement result)
    {
        List<Part> content = [];
        bool isError = false;
        if (result.Get("response", out JsonElement response))
        {
            content.Add(new TextPart(TextOf(response, out isError)));
        }
        foreach (JsonElement part in result.GetItems("parts"))
        {
            content.Add(part.Get("inlineData", out JsonElement blob) ? GeminiMedia.ReadInline(blob)
                : part.Get("fileData", out JsonElement file) ? GeminiMedia.ReadFile(file)
                : new OpaquePart(Wire.Gemini, "function_response_part", part));
        }
        return ids.Result(result.GetText("id"), result.GetText("name"), content, isError);
    }

    // Google's own advice: what a function gave back under "output" or "result", what went wrong under "error".
    private static string TextOf(JsonElement response, out bool isError)
    {
        isError = false;
        if (response.ValueKind == JsonValueKind.Object && response.EnumerateObject().Take(2).ToList() is [{ Name: "result" or "output" or "error" } only])
        {
            isError = only.NameEquals("error");
            response = only.Value;
        }
        return response.ValueKind == JsonValueKind.String ? response.GetString()! : response.GetRawText();
    }

    // Named so that no one takes them for the calls of a client's functions.
    private static string OpaqueType(string name, bool thought) => name switch
    {
        "toolCall" => "server_tool_call",
        "toolResponse" => "server_tool_result",
        _ => (thought ? "thought_" : "") + JsonNamingPolicy.SnakeCaseLower.ConvertName(name.Length > 40 ? name[..40] : name),
    };

    private static string? DetailOf(JsonElement part) =>
        !part.Get("mediaResolution", out JsonElement resolution) ? null
        : (resolution.ValueKind == JsonValueKind.String ? resolution.GetString() : resolution.GetText("level")) switch
        {
            "MEDIA_RESOLUTION_LOW" => "low",
            "MEDIA_RESOLUTION_HIGH" or "MEDIA_RESOLUTION_ULTRA_HIGH" => "high",
            _ => null,
        };
}
