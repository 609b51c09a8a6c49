using System.Text.Json;
using Gateway.Core.Accounting;

namespace Gateway.Core.Capabilities;

/// <summary>An answer as the client gets it.</summary>
/// <param name="Usage">As the upstream reported it, where its codec knows; otherwise default.</param>
public readonly record struct CapabilityContent(ReadOnlyMemory<byte> Body, string ContentType, Usage Usage = default)
{
    public const string Events = "text/event-stream; charset=utf-8";

    /// <summary>A JSON document.</summary>
    public static CapabilityContent Json(Action<Utf8JsonWriter> write, Usage usage = default) => new(JsonBody.Write(write), "application/json", usage);

    /// <summary>A whole answer as the stream that the client asked for: one event of each.</summary>
    public static CapabilityContent Stream(Usage usage, params ReadOnlySpan<Action<Utf8JsonWriter>> events)
    {
        var body = new List<byte>();
        foreach (Action<Utf8JsonWriter> write in events)
        {
            body.AddRange("data: "u8);
            body.AddRange(JsonBody.Write(write).Span);
            body.AddRange("\n\n"u8);
        }
        return new CapabilityContent(body.ToArray(), Events, usage);
    }
}
