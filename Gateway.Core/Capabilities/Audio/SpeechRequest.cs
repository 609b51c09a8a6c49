namespace Gateway.Core.Capabilities.Audio;

/// <summary>A text to say.</summary>
public sealed record SpeechRequest
{
    public required string Input { get; init; }

    /// <summary>The vendor's name of a voice; null leaves it to the model.</summary>
    public string? Voice { get; init; }

    /// <summary>How it is to be said; null for no wish.</summary>
    public string? Instructions { get; init; }

    /// <summary><c>mp3</c>, <c>opus</c>, <c>aac</c>, <c>flac</c>, <c>wav</c> or <c>pcm</c>.</summary>
    public string Format { get; init; } = "mp3";

    /// <summary>1 is normal.</summary>
    public double Speed { get; init; } = 1;

    /// <summary>The client wants events, not the sound itself.</summary>
    public bool AsEvents { get; init; }

    /// <summary>Fields that only the shape it was read from has, by name.</summary>
    public IReadOnlyList<string> Others { get; init; } = [];
}
