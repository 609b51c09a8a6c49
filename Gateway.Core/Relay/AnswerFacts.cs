using Gateway.Core.Accounting;

namespace Gateway.Core.Relay;

/// <summary>What one answer body, or one chunk of a stream, says that the gateway needs; positions are within its JSON.</summary>
public struct AnswerFacts
{
    /// <summary>The value of <c>model</c> (wherever the wire has it), quotes included.</summary>
    public Slice Model;

    /// <summary>Responses: the value of the answer's <c>id</c>, quotes included.</summary>
    public Slice Id;

    /// <summary>Responses: the event's number; null where it has none.</summary>
    public int? Number;

    /// <summary>A top-level <c>usage</c> that is null: the property with the comma before it, so that it can be left out.</summary>
    public Slice NullUsage;

    /// <summary>The same of a top-level <c>usage</c> that holds counts.</summary>
    public Slice CountedUsage;

    /// <summary>There were token counts, here or in <c>x_groq.usage</c>.</summary>
    public bool HasUsage;
    public Usage Usage;

    /// <summary>The value of a top-level <c>error</c> that is not null.</summary>
    public Slice Error;

    /// <summary><c>choices</c>, <c>data</c>, or what the wire calls its result, was there.</summary>
    public bool HasResult;

    /// <summary>Items in <c>choices</c> or <c>data</c>.</summary>
    public int Items;

    /// <summary>Text, reasoning, a tool call, a refusal or sound was there: what a client waits for.</summary>
    public bool HasContent;

    /// <summary>The last <c>finish_reason</c> that is not null.</summary>
    public string? FinishReason;

    /// <summary>The choices in it, and those with a <c>finish_reason</c>: a bit each. OpenAI's chats only.</summary>
    public ulong Choices;
    public ulong Finished;

    /// <summary>This event is the wire's own sign that the stream is whole.</summary>
    public bool IsEnd;

    /// <summary>Responses: the answer is not whole yet.</summary>
    public bool IsPending;

    /// <summary>Responses: the answer is made to its end, whether or not somebody listens.</summary>
    public bool IsBackground;

    /// <summary>The text in it, if the reader was asked to measure it.</summary>
    public OutputMeasure Text;
    internal bool Measuring;

    /// <summary>A stop reason that only says "tools" where calls were seen needs this.</summary>
    internal bool SawCall;

    /// <summary>The object says of itself that it is an error, as vLLM's older ones do.</summary>
    internal bool IsErrorItself;

    /// <summary>Usage that rides on no choice: the chunk that <c>include_usage</c> adds.</summary>
    public readonly bool IsUsageChunk => HasUsage && HasResult && Items == 0;
}
