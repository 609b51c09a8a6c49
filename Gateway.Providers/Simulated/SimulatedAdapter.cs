using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Gateway.Core.Catalog;
using Gateway.Core.Failover;

namespace Gateway.Providers.Simulated;

/// <summary>
/// An upstream inside this process. Its answers are HTTP messages like any other's and take the same way through the relay;
/// only the wire is missing. The model's name says what it is: one with "embedding" embeds, one with "reasoning" thinks
/// aloud first, one with "failing" fails, all others chat; with the setting failure_status all fail.
/// </summary>
public sealed class SimulatedAdapter(TimeProvider time) : IProviderAdapter
{
    private const int StatusOfFailing = 500;
    private static readonly string[] ModelNames = ["sim-chat", "sim-reasoning", "sim-embedding", "sim-failing"];

    public IReadOnlyList<ProviderKind> Kinds { get; } = [ProviderKind.Simulated];

    /// <inheritdoc/>
    public Operation? Serve(Provider provider, Operation asked) => asked switch
    {
        Operation.ChatCompletions or Operation.Completions or Operation.Embeddings => asked,
        Operation.EmbedContent or Operation.BatchEmbedContents or Operation.CohereEmbed => Operation.Embeddings,
        _ => asked.GenerationWire() is null ? null : Operation.ChatCompletions,
    };

    /// <summary>Whether a model makes vectors, and refuses to chat.</summary>
    public static bool Embeds(string upstreamModel) => upstreamModel.Contains("embedding", StringComparison.OrdinalIgnoreCase);

    public async Task<HttpResponseMessage> SendAsync(UpstreamCall call, CancellationToken cancellation)
    {
        SimulatedSettings settings = SimulatedSettings.Of(call.Backend.Provider);
        if (settings.Latency > TimeSpan.Zero)
        {
            await Task.Delay(settings.Latency, time, cancellation);
        }
        string model = call.Backend.UpstreamModel;
        if (settings.FailureStatus is not null || model.Contains("failing", StringComparison.OrdinalIgnoreCase))
        {
            int status = settings.FailureStatus ?? StatusOfFailing;
            return Json(status, SimulatedAnswers.Failure(status));
        }
        SimulatedAnswer answer;
        try
        {
            JsonNode body = JsonNode.Parse(call.Body.ToArray())!;
            if (call.Operation == Operation.Embeddings)
            {
                return Json(200, SimulatedAnswers.Embeddings(body, model));
            }
            if (Embeds(model))
            {
                return Json(400, SimulatedAnswers.Refusal($"{model} makes vectors and does not chat: ask it for embeddings."));
            }
            answer = SimulatedAnswer.To(body, call.Operation, model, settings.OutputTokens, time.GetUtcNow());
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException)
        {
            // The node API's ways of meeting a type it did not expect, or a name that stands twice.
            return Json(400, SimulatedAnswers.Refusal("The simulated provider could not make sense of the request: a field has an unexpected type, or a name stands twice."));
        }
        if (!call.Stream)
        {
            // A real model takes its time for a whole answer too.
            if (settings.TokenPause > TimeSpan.Zero)
            {
                await Task.Delay(settings.TokenPause * answer.OutputTokens, time, cancellation);
            }
            return Json(200, answer.ToJson());
        }
        var pipe = new Pipe();
        _ = WriteAsync(pipe.Writer, answer, settings.TokenPause, cancellation);
        var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(pipe.Reader.AsStream()) };
        response.Content.Headers.ContentType = new MediaTypeHeaderValue("text/event-stream");
        return response;
    }

    public Task<HttpResponseMessage> ListModelsAsync(Provider provider, CredentialDefinition? credential, CancellationToken cancellation)
    {
        var models = new JsonArray([.. ModelNames.Select(n => new JsonObject { ["id"] = n, ["object"] = "model", ["owned_by"] = "simulated" })]);
        return Task.FromResult(Json(200, new JsonObject { ["object"] = "list", ["data"] = models }));
    }

    private async Task WriteAsync(PipeWriter writer, SimulatedAnswer answer, TimeSpan pause, CancellationToken cancellation)
    {
        Exception? failure = null;
        try
        {
            foreach (byte[] chunk in answer.Chunks())
            {
                FlushResult flushed = await writer.WriteAsync(chunk, cancellation);
                if (flushed.IsCompleted)
                {
                    break;
                }
                if (pause > TimeSpan.Zero)
                {
                    await Task.Delay(pause, time, cancellation);
                }
            }
        }
        catch (OperationCanceledException e)
        {
            failure = e;
        }
        await writer.CompleteAsync(failure);
    }

    private static HttpResponseMessage Json(int status, JsonNode body)
    {
        var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body.ToJsonString()) };
        response.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return response;
    }
}
