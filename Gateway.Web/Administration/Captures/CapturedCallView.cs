namespace Gateway.Web.Administration.Captures;

/// <summary>What was said in a call, without its secrets.</summary>
/// <param name="Id">The call's.</param>
/// <param name="ExpiresAt">When it is deleted.</param>
/// <param name="Request">The body that the client sent: JSON, as a rule.</param>
/// <param name="RequestBytes">Of the whole body.</param>
/// <param name="RequestCut">Only the beginning is kept.</param>
/// <param name="Answer">The body that the client got: JSON, or a stream's events.</param>
/// <param name="AnswerBytes">Of the whole body.</param>
/// <param name="AnswerCut">Only the beginning is kept.</param>
/// <param name="RequestHeaders">By name; null where they were not kept yet, empty for a call from within the gateway.</param>
/// <param name="AnswerHeaders">The same of what the client got.</param>
public sealed record CapturedCallView(
    Guid Id, string KeyId, DateTimeOffset At, DateTimeOffset ExpiresAt,
    string Request, long RequestBytes, bool RequestCut, string Answer, long AnswerBytes, bool AnswerCut,
    IReadOnlyList<CapturedHeader>? RequestHeaders = null, IReadOnlyList<CapturedHeader>? AnswerHeaders = null)
{
    /// <summary>Not printed: what people say must not reach a log by way of <c>ToString</c>.</summary>
    public override string ToString() => $"Captured call {Id}";
}

/// <param name="Name">In small letters.</param>
/// <param name="Value"><c>•••</c> where it is a secret.</param>
public sealed record CapturedHeader(string Name, string Value);

/// <summary>How much is kept of what was said in calls.</summary>
/// <param name="Bytes">As it lies in the database, compressed.</param>
/// <param name="Dropped">Calls of this node, since it started, for which there was no room.</param>
public sealed record CapturedSum(long Calls, long Bytes, long Dropped);
