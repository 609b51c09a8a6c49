using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;

namespace Gateway.Core.Failover.Translated;

/// <summary>One attempt on another wire than the client's: who reads and who writes, and what was lost so far.</summary>
/// <param name="Client">Codec of the client's wire.</param>
/// <param name="Upstream">Codec of the backend's wire.</param>
/// <param name="Notes">Of the request and of the answer.</param>
/// <param name="Request">As the client meant it.</param>
/// <param name="Body">As the backend gets it.</param>
internal sealed record Translation(
    IGenerationCodec Client, IGenerationCodec Upstream, ConversionNotes Notes, GenerationRequest Request, ReadOnlyMemory<byte> Body)
{
    /// <summary>The answer that the attempt goes on with; null begins one.</summary>
    public ResumableAnswer? Resumed { get; init; }

    /// <summary>For the head of the answer: what was lost; null if nothing was, or nobody is to be told.</summary>
    public string? LossyHeader(Call call) => call.Plan.Model?.OnLoss == Catalog.LossPolicy.Allow ? null : Notes.Lost;

    public ResponseContext ContextOf(Call call) => new()
    {
        Model = call.Envelope.Model,
        CallId = call.Record.Id,
        Now = call.Record.StartedAt,
        Request = Request,
        Origin = Upstream.Wire,
        StreamAsJsonArray = call.Exchange.WantsArray,
    };
}
