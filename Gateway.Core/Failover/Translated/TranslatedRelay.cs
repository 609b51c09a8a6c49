using Gateway.Core.Generation;

namespace Gateway.Core.Failover.Translated;

/// <summary>Passes an answer on in the client's wire, whole or streamed as the client asked for it, whatever the upstream sent.</summary>
internal static class TranslatedRelay
{
    /// <param name="stream">The upstream answers with a stream.</param>
    public static async ValueTask<GatewayError?> RunAsync(
        Call call, AttemptScope attempt, AttemptClock clock, UpstreamReader reader, HttpResponseMessage response, Translation translation, bool stream)
    {
        if (!call.Envelope.Stream)
        {
            return await TranslatedJsonRelay.RunAsync(call, attempt, reader, response, translation);
        }
        var relay = new TranslatedStreamRelay(call, attempt, clock, reader, response, translation);
        if (stream)
        {
            return await relay.RunAsync();
        }
        if (await WholeBody.ReadAsync(call, reader, response) is { } tooLarge)
        {
            return tooLarge;
        }
        return TranslatedJsonRelay.Read(attempt, reader.Buffer.Span, translation, out GenerationResponse? answer)
            ?? await relay.ReplayAsync(answer!);
    }
}
