namespace Gateway.Core.Failover.Translated;

/// <summary>How an upstream is asked to go on with an answer that was begun.</summary>
internal enum PrefillStyle
{
    /// <summary>It cannot be asked.</summary>
    None,

    /// <summary>The conversation ends with the assistant's turn.</summary>
    LastMessage,

    /// <summary>So it does, and the turn says <c>"prefix": true</c> (Mistral).</summary>
    Prefix,

    /// <summary>So it does, and the request says <c>continue_final_message</c> (vLLM).</summary>
    ContinueFinalMessage,
}
