using Gateway.Core;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Streaming;
using Gateway.Providers;
using Gateway.Web.Calls;
using Gateway.Web.Calls.Summaries;

namespace Gateway.Web.Components.Pages.Playground;

/// <summary>Sends one turn through the pipeline that clients use, and fills it in as the answer comes.</summary>
internal sealed class TurnRunner(GatewayPipeline pipeline, OrderedSummary summaries, ProviderRegistry providers, GatewayCatalog catalog, TimeProvider time)
{
    private const string BrokeOff = "The answer broke off.";

    /// <param name="changed">Called after each event.</param>
    public async Task RunAsync(ChatTurn turn, WireRequest request, ApiKey key, Action changed, CancellationToken stop)
    {
        turn.Request = request;
        long started = time.GetTimestamp();
        InProcessCall call = request.Start(pipeline, key, stop);
        var answer = new StreamCollector(request.Wire);
        bool any = false;
        try
        {
            await foreach (CallEvent next in CallAnswer.ReadAsync(call, CodecOf(request.Wire), request.Stream, stop))
            {
                if (next.Data.Length > 0)
                {
                    turn.Note(time.GetElapsedTime(started), next.Name, next.Data);
                }
                foreach (StreamEvent e in next.Events)
                {
                    answer.Add(e);
                    any |= e.Kind == StreamEventKind.PartStart;
                }
                if (any)
                {
                    turn.Grow(() => answer.ToResponse() is { Candidates.Count: > 0 } response ? response.ToMessage() : null);
                }
                turn.Error = next.Error ?? (answer.Error.ValueKind == System.Text.Json.JsonValueKind.Undefined ? null : answer.Error.Text("message") ?? BrokeOff) ?? turn.Error;
                changed();
            }
            turn.Error ??= answer.Ended ? null : BrokeOff;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            turn.Stopped = true;
        }
        catch (IOException)
        {
            turn.Error ??= BrokeOff;
        }
        turn.Record = await call.Completed;
        turn.RecordId = turn.Record.Id;
        NoteBackend(turn, request);
    }

    /// <summary>The same in the ordered mode: three calls, which are booked one by one.</summary>
    public async Task SummariseAsync(ChatTurn turn, WireRequest request, ApiKey key, Action changed, CancellationToken stop)
    {
        turn.Request = request;
        turn.Summaries = new SummaryTexts();
        long started = time.GetTimestamp();
        (SummaryRequest? ordered, GatewayError? error) = SummaryRequest.Read(System.Text.Encoding.UTF8.GetBytes(request.Json));
        if (ordered is null)
        {
            turn.Error = error!.Message;
            return;
        }
        string said = "";
        var calls = new List<InProcessCall>();
        try
        {
            await foreach (SummaryEvent next in summaries.RunAsync(key, ordered, Guid.NewGuid().ToString("N"), default, stop, calls.Add))
            {
                turn.FirstTokenAt ??= next.Name == SummaryEvent.Delta ? time.GetElapsedTime(started) : null;
                turn.Note(time.GetElapsedTime(started), next.Name, next.Text);
                Take(turn, next, ref said);
                changed();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            turn.Stopped = true;
        }
        turn.Took = time.GetElapsedTime(started);
        // The answer's own call is the first.
        UsageRecord[] records = await Task.WhenAll(calls.Select(c => c.Completed));
        (turn.Record, turn.RecordId, turn.SummaryRecords) = (records[0], records[0].Id, records[1..]);
        NoteBackend(turn, request);
    }

    private static void Take(ChatTurn turn, SummaryEvent next, ref string said)
    {
        switch (next.Name)
        {
            case SummaryEvent.Prompt:
                turn.Summaries!.Question = next.Text;
                break;
            case SummaryEvent.Reasoning:
                turn.Summaries!.Reasoning = next.Text;
                break;
            case SummaryEvent.Delta or SummaryEvent.Done:
                said = next.Name == SummaryEvent.Done ? next.Text : said + next.Text;
                turn.Message = new Message(Role.Assistant, [new TextPart(said)]);
                break;
            // Of a summary the answer still follows; of the answer itself it is the end.
            case SummaryEvent.Error when next.Partial is null:
                turn.Summaries!.Problems.Add(next.Text);
                break;
            default:
                turn.Error = next.Text;
                break;
        }
    }

    private void NoteBackend(ChatTurn turn, WireRequest request)
    {
        if (turn.Record?.BackendId is { } id && catalog.Current.Backends.TryGetValue(id, out Backend? backend)
            && providers.Find(backend.Provider.Kind)?.Serve(backend, request.Wire.ToOperation())?.GenerationWire() is { } wire)
        {
            turn.BackendWire = wire;
            turn.BackendNotes = wire == request.Wire ? [] : request.NotesTo(wire) ?? [];
        }
    }

    private static IGenerationCodec CodecOf(Wire wire) => ProviderRegistry.Codecs.First(c => c.Wire == wire);
}
