using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Providers;
using Gateway.Web.Administration.Transcoding;

namespace Gateway.Web.Components.Pages.Playground;

/// <summary>A request as a client of one wire sends it.</summary>
/// <param name="Notes">What the wire says in other words than were entered, or cannot say.</param>
public sealed record WireRequest(Wire Wire, string Model, bool Stream, string Json, IReadOnlyList<ConversionReason> Notes)
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string Path => WirePath.Of(Wire, Model, Stream);

    /// <param name="route">Name of a route; empty for the model's own.</param>
    /// <param name="summaryModel">Who summarises in the ordered mode; empty to leave it out.</param>
    public static WireRequest Of(Wire wire, GenerationRequest request, string route = "", string summaryModel = "")
    {
        ConversionReport<JsonElement> report = Transcoder.WriteRequest(wire, request);
        JsonObject body = JsonObject.Create(report.Value)!;
        if (!request.IncludeUsage)
        {
            // Upstreams are asked for it; a client that has not set it sends none.
            body.Remove("stream_options");
        }
        if (route.Length > 0)
        {
            body["omni_route"] = route;
        }
        if (summaryModel.Length > 0)
        {
            body["summary_model"] = summaryModel;
        }
        return new WireRequest(wire, request.Model, request.Stream, body.ToJsonString(Readable), report.Reasons);
    }

    public InProcessCall Start(GatewayPipeline pipeline, ApiKey key, CancellationToken cancellation) => InProcessCall.Start(
        pipeline, key, Wire.ToOperation(), Encoding.UTF8.GetBytes(Json), cancellation, WirePath.HoldsModel(Wire) ? Model : null, Stream);

    /// <summary>What becomes of it on the way to a backend of another wire; null if it cannot be said.</summary>
    public IReadOnlyList<ConversionReason>? NotesTo(Wire backend)
    {
        try
        {
            RequestLine line = WirePath.HoldsModel(Wire) ? new RequestLine(Model, Stream) : default;
            return Transcoder.Request(Wire, backend, Json, line).Reasons;
        }
        catch (Exception e) when (e is GenerationFormatException or JsonException)
        {
            return null;
        }
    }
}
