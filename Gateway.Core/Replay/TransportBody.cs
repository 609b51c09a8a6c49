using System.Text.Json;

namespace Gateway.Core.Replay;

/// <summary>The body of a recorded request or answer: at most one of its forms is set; none is an empty body.</summary>
public sealed record TransportBody
{
    public static TransportBody Empty { get; } = new();

    /// <summary>Undefined if it is not JSON. Owns its memory.</summary>
    public JsonElement Json { get; private init; }

    /// <summary>Text that is not one JSON value: server-sent events, lines of JSON, a page.</summary>
    public string? Text { get; private init; }

    /// <summary>Anything else, such as sound or a form with files.</summary>
    public ReadOnlyMemory<byte>? Bytes { get; private init; }

    public static TransportBody OfJson(JsonElement json) => new() { Json = json };

    public static TransportBody OfText(string text) => new() { Text = text };

    public static TransportBody OfBytes(ReadOnlyMemory<byte> bytes) => new() { Bytes = bytes };
}
