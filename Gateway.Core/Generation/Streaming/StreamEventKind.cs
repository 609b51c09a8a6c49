namespace Gateway.Core.Generation.Streaming;

/// <summary>Kinds of <see cref="StreamEvent"/>, with the fields that each uses.</summary>
public enum StreamEventKind
{
    /// <summary>First of all, once: <c>Id</c>, <c>Name</c> (the upstream's model), either may be null.</summary>
    Start,

    /// <summary>A part of a choice begins: <c>PartKind</c>; for a tool call <c>Id</c>, <c>Name</c> and, if it is known by then, its signature as <c>Text</c>; for reasoning <c>Id</c> if it has one, and <see cref="StreamEvent.Redacted"/> as <c>Name</c> if it is encrypted; for an opaque part <c>Name</c> (its type) and <c>Json</c>.</summary>
    PartStart,

    /// <summary>More text of a text, reasoning or refusal part, or of a tool call's arguments: <c>Text</c>.</summary>
    Delta,

    /// <summary>The part's signature, whole: <c>Text</c>; <c>Name</c> is <see cref="StreamEvent.Redacted"/> where it is the encrypted thoughts themselves.</summary>
    Signature,

    /// <summary>More base64 of a media part: <c>Text</c>; <c>Name</c> is the media type.</summary>
    Media,

    /// <summary>A citation for the text part: <c>Citation</c>.</summary>
    Citation,

    /// <summary>Log probabilities of the text just sent: <c>Json</c> as OpenAI Chat has it.</summary>
    Logprobs,

    /// <summary>The part is whole. Every part that was started is ended before its choice is finished.</summary>
    PartEnd,

    /// <summary>The choice is whole: <c>Finish</c>, <c>Name</c> (the raw reason), <c>Text</c> (the stop sequence, if known).</summary>
    Finish,

    /// <summary>Token counts so far; the last one counts: <c>Usage</c>.</summary>
    Usage,

    /// <summary>The upstream reports a failure instead of an end: <c>Json</c>, its error object. Nothing follows.</summary>
    Error,

    /// <summary>The stream is whole. Last of all, once, and only after the wire's own sign of the end.</summary>
    End,
}
