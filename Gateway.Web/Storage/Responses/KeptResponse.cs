namespace Gateway.Web.Storage.Responses;

/// <summary>A row of <c>stored_responses</c>.</summary>
/// <param name="Id">See <see cref="ResponseId"/>.</param>
/// <param name="ProviderId">Null when <paramref name="Body"/> holds the answer.</param>
/// <param name="Body">Compressed and encrypted; when the provider keeps the answer null, or <see cref="UsagePending"/>.</param>
internal sealed record KeptResponse(string Id, string KeyId, string Model, string? ProviderId, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, byte[]? Body)
{
    /// <summary>What the answer used is still to be booked.</summary>
    public static readonly byte[] UsagePending = [1];
}
