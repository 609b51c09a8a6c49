namespace Gateway.Core.Generation.Parts;

/// <summary>Kinds of <see cref="MediaPart"/>.</summary>
public enum MediaKind
{
    Image,
    Audio,
    Video,

    /// <summary>A PDF, a text, any other file.</summary>
    Document,
}
