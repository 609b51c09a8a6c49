using System.Text.Json;
using Gateway.Core.Generation.Conversion;

namespace Gateway.Web.Administration.Transcoding;

/// <summary>Something of one wire that is to be seen in others.</summary>
public sealed record TranscodeInput
{
    /// <summary>The wire it is written in, for example <c>openai-chat</c>.</summary>
    public string? From { get; init; }

    /// <summary><c>request</c>, <c>answer</c> or <c>stream</c>.</summary>
    public string? Kind { get; init; }

    /// <summary>The JSON itself, or its text; streams are text.</summary>
    public JsonElement Content { get; init; }

    /// <summary>The wires to write it in; left out for all others.</summary>
    public IReadOnlyList<string>? To { get; init; }

    /// <summary>The model, where the wire has it in the path (Gemini, Bedrock).</summary>
    public string? Model { get; init; }

    /// <summary>Whether a stream is asked for, where the wire has it in the path.</summary>
    public bool? Stream { get; init; }
}

/// <summary>The same in other wires, in the order of <see cref="Gateway.Core.Catalog.Wires.All"/>.</summary>
public sealed record TranscodeView(string From, string Kind, IReadOnlyList<TranscodeResult> Results);

/// <summary>What came of it in one wire.</summary>
/// <param name="To">The wire.</param>
/// <param name="Path">Where such a request is sent; null for answers.</param>
/// <param name="Body">Requests and answers; null where there is an error, and for streams.</param>
/// <param name="Text">Streams, event by event; null for all else.</param>
/// <param name="Bridged">It was translated; false is what was pasted, as it stands.</param>
/// <param name="Lossy">Something was left out.</param>
/// <param name="Reasons">What was bridged and what was lost, and why.</param>
/// <param name="Error">Why this wire cannot say it at all; null if it can.</param>
public sealed record TranscodeResult(
    string To, string? Path, JsonElement? Body, string? Text, bool Bridged, bool Lossy, IReadOnlyList<ConversionReason> Reasons, string? Error);
