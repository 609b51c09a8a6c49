namespace Gateway.Core.Generation.StoredResponses;

/// <summary>
/// Keeps answers of the Responses wire, so that <c>previous_response_id</c> works whatever the upstream is, and remembers
/// which provider has those that it keeps itself. An answer is found only by the key that asked for it. Safe for concurrent use.
/// </summary>
public interface IResponseStore
{
    /// <summary>False when the operator switched it off: nothing is kept, nothing is found.</summary>
    bool Enabled { get; }

    /// <summary>Null when there is none of this id for this key, or it has expired or was deleted.</summary>
    /// <exception cref="ResponseStoreException">The store cannot be read at the moment.</exception>
    ValueTask<StoredResponse?> LoadAsync(string id, string keyId, CancellationToken cancellation);

    /// <summary>
    /// Keeps an answer; what it was called with is safe on disk when this completes. False when it is too large to be kept, or
    /// could not be written: the caller then says so, and the answer stays good.
    /// </summary>
    ValueTask<bool> SaveAsync(StoredResponse response);

    /// <summary>
    /// True once for each answer whose usage is pending (<see cref="StoredResponse.UsagePending"/>), on whichever node: whoever gets
    /// it books what the answer used.
    /// </summary>
    /// <exception cref="ResponseStoreException">The store cannot be written at the moment.</exception>
    ValueTask<bool> ClaimUsageAsync(string id, string keyId, CancellationToken cancellation);

    /// <summary>False when there is none of this id for this key.</summary>
    /// <exception cref="ResponseStoreException">The store cannot be written at the moment.</exception>
    ValueTask<bool> DeleteAsync(string id, string keyId, CancellationToken cancellation);
}
