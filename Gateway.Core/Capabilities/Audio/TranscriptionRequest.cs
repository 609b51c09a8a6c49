namespace Gateway.Core.Capabilities.Audio;

/// <summary>Speech to write down.</summary>
public sealed record TranscriptionRequest
{
    public required CapabilityFile Recording { get; init; }

    /// <summary>What is said is wanted in English, whatever language it is said in.</summary>
    public bool ToEnglish { get; init; }

    /// <summary>The language that is spoken, as an ISO 639-1 code; null if nothing was said.</summary>
    public string? Language { get; init; }

    /// <summary>Words that may come up, or what was said before; null for none.</summary>
    public string? Prompt { get; init; }
    public double? Temperature { get; init; }

    /// <summary><c>json</c>, <c>text</c>, or a form with time stamps in it: <c>verbose_json</c>, <c>srt</c>, <c>vtt</c>, <c>diarized_json</c>.</summary>
    public string Format { get; init; } = "json";
    public bool Stream { get; init; }

    /// <summary>Fields that only the shape it was read from has, by name.</summary>
    public IReadOnlyList<string> Others { get; init; } = [];
}
