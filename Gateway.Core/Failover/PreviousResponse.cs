using System.Text.Json;
using Gateway.Core.Generation.StoredResponses;
using Gateway.Core.Relay;

namespace Gateway.Core.Failover;

/// <summary>Finds the answer that a Responses request goes on from, and remembers where answers are kept.</summary>
internal static class PreviousResponse
{
    /// <summary>
    /// Sets <see cref="Call.Previous"/>, and puts the stored turns into the body where the gateway keeps them. An answer that is
    /// not known may still be one of the upstream's.
    /// </summary>
    public static async ValueTask<GatewayError?> FindAsync(Call call)
    {
        if (call.Envelope.PreviousResponseId is not { } id || call.Store is not { Enabled: true } store)
        {
            return null;
        }
        try
        {
            call.Previous = await store.LoadAsync(id, call.Key!.Id, call.Exchange.Aborted);
        }
        catch (ResponseStoreException)
        {
            return new GatewayError(
                GatewayErrorKind.Overloaded, "Stored responses cannot be read at the moment.", "previous_response_id", RetryAfter: TimeSpan.FromSeconds(5));
        }
        if (call.Previous is not { ProviderId: null } previous)
        {
            return null;
        }
        try
        {
            byte[] resumed = StoredConversation.Resume(previous, call.Envelope.Body, keepReference: false);
            GatewayError? error = EnvelopeReader.Read(call.Envelope.Operation, resumed, out RequestEnvelope envelope);
            call.Envelope = envelope;
            return error;
        }
        catch (JsonException)
        {
            return NotFound(id, store);
        }
    }

    /// <summary>Remembers which provider keeps the answer that was just given.</summary>
    public static async ValueTask RememberAsync(Call call)
    {
        if (call.KeptUpstream is { } id && call.Backend is { } backend && call.Key is { } key)
        {
            await call.Store!.SaveAsync(new StoredResponse
            {
                Id = id,
                KeyId = key.Id,
                Model = call.Envelope.Model,
                CreatedAt = call.Record.StartedAt,
                ProviderId = backend.Provider.Id,
                UsagePending = call.IsMadeLater && call.Reported.Source == Accounting.UsageSource.None,
            });
        }
    }

    public static GatewayError NotFound(string id, IResponseStore? store) => new(
        GatewayErrorKind.InvalidRequest,
        store is { Enabled: true }
            ? $"Previous response with id '{(id.Length <= 100 ? id : id[..100])}' not found."
            : "This gateway keeps no responses (Gateway:Responses:Store); send the whole conversation as 'input'.",
        "previous_response_id",
        "previous_response_not_found");
}
