using System.Data.Common;
using System.Security.Cryptography;
using Gateway.Core;
using Gateway.Core.Generation.StoredResponses;

namespace Gateway.Web.Storage.Responses;

/// <summary>Answers for <c>previous_response_id</c> in the database, by way of a spool: a request never waits for the database to write.</summary>
internal sealed class ResponseStore(
    ResponseSpool spool, ResponseBody bodies, GatewayDatabase database, DatabaseReady ready, Func<GatewayOptions> options, TimeProvider time) : IResponseStore
{
    // Another node may have answered a moment ago and not have moved the answer to the database yet.
    private static readonly TimeSpan InTransit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // Compressed; a conversation with pictures of some megabytes fits.
    private const int MostBodyBytes = 16 * 1024 * 1024;

    /// <inheritdoc/>
    public bool Enabled => options().StoreResponses;

    /// <inheritdoc/>
    public async ValueTask<StoredResponse?> LoadAsync(string id, string keyId, CancellationToken cancellation)
    {
        string hash = ResponseId.Of(keyId, id);
        KeptResponse? kept = spool.Find(hash) ?? await LookAsync(id, hash, cancellation);
        if (kept is null || kept.ExpiresAt <= time.GetUtcNow())
        {
            return null;
        }
        var response = new StoredResponse { Id = id, KeyId = keyId, Model = kept.Model, CreatedAt = kept.CreatedAt, ProviderId = kept.ProviderId };
        if (kept.ProviderId is not null || kept.Body is null)
        {
            return response with { UsagePending = kept.Body is not null };
        }
        return bodies.TryUnpack(kept.Body, out ReadOnlyMemory<byte> input, out ReadOnlyMemory<byte> answer)
            ? response with { Input = input, Response = answer }
            : throw new ResponseStoreException("A stored response cannot be decrypted: the key ring has lost its key.");
    }

    /// <inheritdoc/>
    public ValueTask<bool> SaveAsync(StoredResponse response)
    {
        if (!Enabled)
        {
            return new ValueTask<bool>(false);
        }
        byte[]? body = response.UsagePending ? KeptResponse.UsagePending : null;
        if (response.ProviderId is null)
        {
            try
            {
                body = bodies.Pack(response);
            }
            catch (CryptographicException)
            {
                return new ValueTask<bool>(false);
            }
        }
        return new ValueTask<bool>(body is not { Length: > MostBodyBytes } && spool.TryAdd(new KeptResponse(
            ResponseId.Of(response.KeyId, response.Id),
            response.KeyId,
            response.Model.Length <= 256 ? response.Model : response.Model[..256],
            response.ProviderId,
            response.CreatedAt,
            time.GetUtcNow() + options().ResponseTimeToLive,
            body)));
    }

    /// <inheritdoc/>
    public async ValueTask<bool> ClaimUsageAsync(string id, string keyId, CancellationToken cancellation)
    {
        string hash = ResponseId.Of(keyId, id);
        long started = time.GetTimestamp();
        while (true)
        {
            // On its way to the database it cannot be claimed yet.
            bool moving = spool.Find(hash) is not null;
            if (await UseAsync((connection, limit) => ResponseRows.ClaimUsageAsync(connection, hash, limit), cancellation))
            {
                return true;
            }
            if (!moving || time.GetElapsedTime(started) > InTransit)
            {
                return false;
            }
            await Task.Delay(BetweenLooks, time, cancellation);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<bool> DeleteAsync(string id, string keyId, CancellationToken cancellation)
    {
        string hash = ResponseId.Of(keyId, id);
        bool spooled = spool.Find(hash) is not null;
        bool stored = await UseAsync((connection, limit) => ResponseRows.DeleteAsync(connection, hash, limit), cancellation);
        spool.Remove(hash);
        return spooled || stored;
    }

    private async Task<KeptResponse?> LookAsync(string id, string hash, CancellationToken cancellation)
    {
        while (true)
        {
            KeptResponse? kept = await UseAsync((connection, limit) => ResponseRows.FindAsync(connection, hash, limit), cancellation);
            if (kept is not null || ResponseId.TimeOf(id) is not { } made || time.GetUtcNow() - made > InTransit)
            {
                return kept;
            }
            await Task.Delay(BetweenLooks, time, cancellation);
        }
    }

    private async Task<T> UseAsync<T>(Func<DbConnection, CancellationToken, Task<T>> use, CancellationToken cancellation)
    {
        if (!ready.IsReady)
        {
            throw new ResponseStoreException("The database is not ready.");
        }
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            await using DbConnection connection = await database.OpenAsync(either.Token);
            return await use(connection, either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new ResponseStoreException("The database did not answer in time.");
        }
        catch (Exception e) when (DatabaseErrors.IsFromDatabase(e))
        {
            throw new ResponseStoreException(DatabaseErrors.ReasonOf(e), e);
        }
    }
}
