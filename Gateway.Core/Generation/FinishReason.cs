namespace Gateway.Core.Generation;

/// <summary>Why an answer ended.</summary>
public enum FinishReason
{
    /// <summary>By itself.</summary>
    Stop,

    /// <summary>At one of the request's stop sequences.</summary>
    StopSequence,

    /// <summary>At the limit of output tokens or of the context.</summary>
    Length,

    /// <summary>To have tools called. Derived from the calls where a wire says something else.</summary>
    ToolCalls,
    ContentFilter,

    /// <summary>The model declined.</summary>
    Refusal,

    /// <summary>The upstream paused a long turn and expects it back to go on (Anthropic's <c>pause_turn</c>).</summary>
    Pause,

    /// <summary>Anything else; the raw word says what.</summary>
    Other,
}
