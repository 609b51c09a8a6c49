using Gateway.Core.Accounting;

namespace Gateway.Core.Capture;

/// <summary>What was said in one call, as it was: secrets are still in it.</summary>
/// <param name="Order">The wish that it is kept for.</param>
/// <param name="Request">The body as the client sent it.</param>
/// <param name="Answer">The body as the client got it, a stream's events and errors included.</param>
public sealed record CapturedCall(UsageRecord Record, CaptureOrder Order, CapturedBytes Request, CapturedBytes Answer)
{
    /// <summary>More of a request, or of an answer, is not kept.</summary>
    public const int MostBytes = 262_144;

    /// <summary>What a secret header says instead.</summary>
    public const string Hidden = "•••";

    /// <summary>Those of the request, without the client's key; empty where there are none, within the process.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> RequestHeaders { get; init; } = [];

    /// <summary>Those of the answer.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> AnswerHeaders { get; init; } = [];

    /// <summary>Not printed: what people say must not reach a log by way of <c>ToString</c>.</summary>
    public override string ToString() => $"Captured call {Record.Id}";
}

/// <summary>The beginning of a body, or all of it.</summary>
/// <param name="Length">Of the whole.</param>
public readonly record struct CapturedBytes(ReadOnlyMemory<byte> Kept, long Length)
{
    /// <summary>There was more.</summary>
    public bool IsCut => Length > Kept.Length;
}
