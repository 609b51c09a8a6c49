using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Streaming;
using Gateway.Providers.Gemini;

namespace Gateway.Tests.Providers.Gemini;

/// <summary>The Gemini codec on texts, and what a canonical answer says as one text.</summary>
internal static class GeminiConversion
{
    public static readonly GeminiCodec Codec = new();

    public static JsonElement Json(string json) => JsonFields.Parse(Encoding.UTF8.GetBytes(json));

    public static GenerationRequest ReadRequest(string json, string model = "gemini-2.5-flash") =>
        Codec.ReadRequest(Json(json), new RequestLine(model, false), new ConversionNotes());

    public static JsonElement WriteRequest(GenerationRequest request, ConversionNotes? notes = null) =>
        Write(writer => Codec.WriteRequest(request, writer, notes ?? new ConversionNotes()));

    public static GenerationResponse ReadResponse(string json) => Codec.ReadResponse(Json(json), new ConversionNotes());

    public static JsonElement WriteResponse(GenerationResponse response, ConversionNotes? notes = null) =>
        Write(writer => Codec.WriteResponse(response, Context(response.Origin), writer, notes ?? new ConversionNotes()));

    public static ResponseContext Context(Wire? origin, bool array = false) => new()
    {
        Model = "m",
        CallId = new Guid("00112233-4455-6677-8899-aabbccddeeff"),
        Now = DateTimeOffset.UnixEpoch,
        Request = new GenerationRequest { Model = "m", Messages = [] },
        Origin = origin,
        StreamAsJsonArray = array,
    };

    /// <summary>All events of a stream that arrives in pieces.</summary>
    public static List<StreamEvent> Decode(byte[] bytes, int pieceBytes = 4096)
    {
        StreamFraming framing = Codec.CreateFraming();
        StreamDecoder decoder = Codec.CreateDecoder(new ConversionNotes());
        List<StreamEvent> events = [];
        int start = 0;
        for (int have = Math.Min(pieceBytes, bytes.Length); ; have = Math.Min(have + pieceBytes, bytes.Length))
        {
            bool end = have == bytes.Length;
            while (framing.TryRead(bytes.AsSpan(start, have - start), end, out StreamFrame frame))
            {
                if (!frame.Data.IsEmpty)
                {
                    decoder.Read(frame.EventName, frame.Data, events);
                }
                start += frame.Length;
            }
            if (end)
            {
                decoder.Complete(events);
                return events;
            }
        }
    }

    public static byte[] Encode(IEnumerable<StreamEvent> events, Wire? origin, bool array = false, ConversionNotes? notes = null)
    {
        StreamEncoder encoder = Codec.CreateEncoder(Context(origin, array), notes ?? new ConversionNotes());
        var output = new ArrayBufferWriter<byte>();
        foreach (StreamEvent next in events)
        {
            encoder.Write(next, output);
        }
        return output.WrittenSpan.ToArray();
    }

    public static GenerationResponse Collect(IEnumerable<StreamEvent> events)
    {
        var collector = new StreamCollector(Wire.Gemini);
        foreach (StreamEvent next in events)
        {
            collector.Add(next);
        }
        return collector.ToResponse();
    }

    /// <summary>What an answer says, one line for each thing; neighbouring texts are one, ids that were made are left out.</summary>
    public static string Say(GenerationResponse response)
    {
        var text = new StringBuilder();
        foreach (Candidate candidate in response.Candidates)
        {
            text.Append("candidate ").Append(candidate.Index).Append('\n');
            Say(candidate.Parts, text);
            text.Append("finish ").Append(candidate.Finish).Append(' ').Append(candidate.RawFinish).Append('\n');
        }
        Usage u = response.Usage;
        return $"{text}usage {u.InputTokens} {u.CachedInputTokens} {u.OutputTokens} {u.ReasoningTokens}";
    }

    public static void Say(IReadOnlyList<Part> parts, StringBuilder text)
    {
        string last = "";
        foreach (Part part in parts)
        {
            (string kind, string what) = part switch
            {
                TextPart t => ("text", t.Text),
                ReasoningPart r => ("thought", r.Text + (r.Text.Length == 0 ? "|" + r.Signature : "")),
                ToolCallPart c => ("call " + c.Id + c.Name, Normal(c.ArgumentsJson) + "|" + c.Signature),
                ToolResultPart r => ("result " + r.Name, $"{r.IsError} {Normal(r.Text)} {r.Content.OfType<MediaPart>().Count()}"),
                MediaPart m => ("media " + m.Kind, $"{m.Source.MediaType} {m.Source.Data?.Length} {m.Source.Url}{m.Source.FileId}"),
                OpaquePart o => ("opaque " + o.Type, Normal(o.Json.GetRawText())),
                _ => (part.GetType().Name, ""),
            };
            if (what.Length == 0 && kind == "text")
            {
                continue;
            }
            text.Append(kind == last && kind is "text" or "thought" ? "" : kind == last ? "\n" + kind + ": " : (last.Length > 0 ? "\n" : "") + kind + ": ").Append(what);
            last = kind;
        }
        text.Append('\n');
    }

    private static string Normal(string json)
    {
        JsonElement value = JsonFields.TryParse(json);
        return value.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? Normal(value) : json;
    }

    /// <summary>JSON with sorted names and numbers as values.</summary>
    public static string Normal(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "{" + string.Join(",", value.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => $"\"{p.Name}\":{Normal(p.Value)}")) + "}",
        JsonValueKind.Array => "[" + string.Join(",", value.EnumerateArray().Select(Normal)) + "]",
        JsonValueKind.Number => value.GetDouble().ToString("R", null),
        JsonValueKind.String => JsonSerializer.Serialize(value.GetString()),
        _ => value.GetRawText(),
    };

    private static JsonElement Write(Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            write(writer);
        }
        return JsonFields.Parse(output.WrittenSpan);
    }
}
