using System.Text.Json;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Streaming;

namespace Gateway.Providers.OpenAI.Responses;

/// <summary>
/// Reads a Responses stream. Tolerant: sequence numbers are ignored, deltas may be missing where the whole text follows, and so
/// may the events that only frame them; events that nobody knows are passed over.
/// </summary>
internal sealed class ResponsesStreamDecoder : StreamDecoder
{
    private readonly ResponsesOutputDecoder _output = new();
    private bool _started;
    private bool _over;

    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> data, List<StreamEvent> events)
    {
        // OpenRouter ends with [DONE]; OpenAI does not.
        if (_over || data.IsEmpty || data.SequenceEqual("[DONE]"u8))
        {
            return;
        }
        JsonElement json = JsonFields.Parse(data);
        string type = json.Text("type") ?? System.Text.Encoding.UTF8.GetString(eventName);
        if (type == "error" || (type.Length == 0 && json.Has("error", out _)))
        {
            Fail(json.Has("error", out JsonElement inner) && inner.ValueKind == JsonValueKind.Object ? inner : json, events);
            return;
        }
        Start(json, events);
        switch (type)
        {
            case "response.completed" or "response.incomplete" or "response.done" when json.Has("response", out JsonElement response):
                Finish(response, events);
                break;
            case "response.failed" or "response.cancelled" when json.Has("response", out JsonElement response):
                Fail(response.Has("error", out JsonElement error) ? error : response, events);
                break;
            default:
                _output.Read(type, json, events);
                break;
        }
    }

    // Without the last event the stream broke off, whatever else came.
    /// <inheritdoc/>
    public override void Complete(List<StreamEvent> events)
    {
    }

    private void Start(JsonElement json, List<StreamEvent> events)
    {
        if (!_started)
        {
            _started = true;
            json.Has("response", out JsonElement response);
            events.Add(new StreamEvent(StreamEventKind.Start) { Id = response.Text("id"), Name = response.Text("model") });
        }
    }

    private void Finish(JsonElement response, List<StreamEvent> events)
    {
        if (response.Text("status") == "failed")
        {
            Fail(response.Has("error", out JsonElement error) ? error : response, events);
            return;
        }
        _output.Complete(response, events);
        events.Add(new StreamEvent(StreamEventKind.Finish)
        {
            Finish = ResponsesStatus.Read(response, _output.AnyCalls, _output.OnlyRefused),
            Name = ResponsesStatus.Word(response),
        });
        if (ResponsesUsage.Read(response) is { Source: not Core.Accounting.UsageSource.None } usage)
        {
            events.Add(new StreamEvent(StreamEventKind.Usage) { Usage = usage });
        }
        events.Add(new StreamEvent(StreamEventKind.End));
        _over = true;
    }

    // An error event is followed by response.failed, which says the same again.
    private void Fail(JsonElement error, List<StreamEvent> events)
    {
        events.Add(new StreamEvent(StreamEventKind.Error) { Json = error });
        _over = true;
    }
}
