namespace Gateway.Core.Generation.StoredResponses;

/// <summary>
/// An answer of the Responses wire and the conversation that led to it, as the client sent and got them: so nothing of it is
/// lost, whichever upstream the next turn goes to.
/// </summary>
public sealed record StoredResponse
{
    /// <summary>As the client knows it, for example <c>resp_…</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The key that asked for it.</summary>
    public required string KeyId { get; init; }

    /// <summary>The model's name as the client knows it.</summary>
    public required string Model { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>
    /// The id of the provider that keeps the answer itself: <see cref="Input"/> and <see cref="Response"/> are empty then. Null
    /// when it is kept here.
    /// </summary>
    public string? ProviderId { get; init; }

    /// <summary>The provider was still making the answer: what it used is not in the books but as an estimate.</summary>
    public bool UsagePending { get; init; }

    /// <summary>JSON array: all input items up to the answer, those of the turns before included.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>JSON object: the answer.</summary>
    public ReadOnlyMemory<byte> Response { get; init; }
}
