using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Streaming;

namespace Gateway.Providers.OpenAI.Responses;

/// <summary>Writes a Responses stream: every event type in its order, numbered, and the whole answer in the last one.</summary>
internal sealed class ResponsesStreamEncoder : StreamEncoder
{
    private readonly ResponseContext _context;
    private readonly ConversionNotes _notes;
    private readonly ResponsesEvents _events = new();
    private readonly ResponsesOutput _items;
    private readonly ResponsesObject _body;
    private readonly Dictionary<int, ResponsesCallEncoder> _calls = [];
    private readonly StringBuilder _media = new();
    private readonly StringBuilder _transcript = new();
    private ResponsesMessageEncoder? _message;
    private ResponsesReasoningEncoder? _reasoning;
    private string? _mediaType;
    private FinishReason _finish;
    private Usage _usage;
    private bool _refused;

    public ResponsesStreamEncoder(ResponseContext context, ConversionNotes notes)
    {
        (_context, _notes) = (context, notes);
        _items = new ResponsesOutput(_events, notes);
        _body = new ResponsesObject(context, context.NewId("resp_"), context.Now.ToUnixTimeSeconds());
    }

    /// <inheritdoc/>
    public override (string? Id, int NextEvent) Answer => (_body.Id, _events.Next);

    /// <inheritdoc/>
    public override void Write(in StreamEvent next, IBufferWriter<byte> output)
    {
        if (next.Choice > 0)
        {
            _notes.Lose("choices", "Responses gives one answer.");
            return;
        }
        switch (next.Kind)
        {
            case StreamEventKind.Start:
                WriteBody("response.created"u8, ResponsesItemWriter.InProgress, null, output);
                WriteBody("response.in_progress"u8, ResponsesItemWriter.InProgress, null, output);
                break;
            case StreamEventKind.PartStart:
                StartPart(next, output);
                break;
            case StreamEventKind.Delta:
                Add(next, output);
                break;
            case StreamEventKind.Signature:
                Sign(next);
                break;
            case StreamEventKind.Media:
                _media.Append(next.Text);
                _mediaType = next.Name ?? _mediaType;
                break;
            case StreamEventKind.Citation:
                _message?.Cite(next.Citation!, output);
                break;
            case StreamEventKind.Logprobs:
                _message?.AddLogprobs(next.Json);
                break;
            case StreamEventKind.PartEnd:
                EndPart(next, output);
                break;
            case StreamEventKind.Finish:
                _finish = next.Finish;
                EndMessage(Incomplete is null ? ResponsesItemWriter.Completed : ResponsesItemWriter.Incomplete, output);
                break;
            case StreamEventKind.Usage:
                _usage = next.Usage;
                break;
            case StreamEventKind.End:
                WriteEnd(output);
                break;
        }
    }

    private string? Incomplete => ResponsesStatus.IncompleteReason(_finish, _refused);

    private void StartPart(in StreamEvent next, IBufferWriter<byte> output)
    {
        if (next.PartKind is PartKind.Text or PartKind.Refusal)
        {
            _refused |= next.PartKind == PartKind.Refusal;
            BeginText(next.PartKind, output);
            return;
        }
        if (next.PartKind == PartKind.Opaque && (next.Json.ValueKind != JsonValueKind.Object || _context.Origin != Wire.OpenAIResponses))
        {
            _notes.Lose("part:" + next.Name, "Responses has no such item.");
            return;
        }
        EndMessage(ResponsesItemWriter.Completed, output);
        switch (next.PartKind)
        {
            case PartKind.Reasoning:
                _reasoning = new ResponsesReasoningEncoder(_context.NewId("rs_"), _items, _events) { Signature = ResponsesReasoning.Encrypted(_context.Origin, null) };
                _reasoning.Begin(output);
                break;
            case PartKind.ToolCall:
                var call = new ResponsesCallEncoder(
                    _context.NewId("fc_"),
                    new ToolCallPart(next.Id ?? _context.NewId("call_"), next.Name ?? "", "") { Signature = next.Text },
                    ResponsesToolName.Of(_context.Request, next.Name),
                    _items,
                    _events);
                _calls[next.Part] = call;
                call.Begin(output);
                break;
            case PartKind.Media:
                _media.Clear();
                _mediaType = null;
                break;
            case PartKind.Opaque:
                int index = _items.NextIndex();
                next.Json.WriteTo(_items.Raw);
                _items.Add(index, output);
                next.Json.WriteTo(_items.Raw);
                _items.Finish(index, output);
                break;
        }
    }

    private void BeginText(PartKind kind, IBufferWriter<byte> output)
    {
        if (_message is null)
        {
            _message = new ResponsesMessageEncoder(_context.NewId("msg_"), _items, _events, _notes);
            _message.Begin(output);
        }
        _message.BeginPart(kind, output);
    }

    private void Add(in StreamEvent next, IBufferWriter<byte> output)
    {
        string text = next.Text ?? "";
        switch (next.PartKind)
        {
            case PartKind.Text or PartKind.Refusal:
                _message?.Add(text, output);
                break;
            case PartKind.Reasoning:
                _reasoning?.Add(text, output);
                break;
            case PartKind.ToolCall when _calls.TryGetValue(next.Part, out ResponsesCallEncoder? call):
                call.Add(text, output);
                break;
            case PartKind.Media:
                // The words of a sound: told as text when the sound is over.
                _transcript.Append(text);
                break;
        }
    }

    private void Sign(in StreamEvent next)
    {
        string signature = next.Text ?? "";
        if (next.PartKind == PartKind.Reasoning && _reasoning is not null)
        {
            _reasoning.Signature = ResponsesReasoning.Encrypted(_context.Origin, signature);
        }
        else
        {
            _notes.Lose("signature", next.PartKind == PartKind.ToolCall ? "The call had begun before its signature came." : "Responses has no place for the signature of a text.");
        }
    }

    private void EndPart(in StreamEvent next, IBufferWriter<byte> output)
    {
        switch (next.PartKind)
        {
            case PartKind.Text or PartKind.Refusal:
                _message?.EndPart(output);
                break;
            case PartKind.Reasoning:
                _reasoning?.End(output);
                _reasoning = null;
                break;
            case PartKind.ToolCall when _calls.Remove(next.Part, out ResponsesCallEncoder? call):
                call.End(output);
                break;
            case PartKind.Media:
                EndMedia(output);
                break;
        }
    }

    private void EndMedia(IBufferWriter<byte> output)
    {
        if (_mediaType?.StartsWith("image/", StringComparison.Ordinal) == true)
        {
            string id = _context.NewId("ig_");
            int index = _items.NextIndex();
            _items.Items.Image(id, null, _mediaType, ResponsesItemWriter.InProgress);
            _items.Add(index, output);
            _items.Items.Image(id, _media.ToString(), _mediaType, ResponsesItemWriter.Completed);
            _items.Finish(index, output);
        }
        else
        {
            _notes.Lose("part:audio", "A Responses answer carries no sound.");
            if (_transcript.Length > 0)
            {
                BeginText(PartKind.Text, output);
                _message!.Add(_transcript.ToString(), output);
                _message.EndPart(output);
            }
        }
        _media.Clear();
        _transcript.Clear();
    }

    private void EndMessage(string status, IBufferWriter<byte> output)
    {
        _message?.End(status, output);
        _message = null;
    }

    private void WriteEnd(IBufferWriter<byte> output)
    {
        string status = Incomplete is null ? ResponsesItemWriter.Completed : ResponsesItemWriter.Incomplete;
        WriteBody(Incomplete is null ? "response.completed"u8 : "response.incomplete"u8, status, _usage, output);
    }

    private void WriteBody(ReadOnlySpan<byte> type, string status, Usage? usage, IBufferWriter<byte> output)
    {
        Utf8JsonWriter writer = _events.Begin(type, output);
        writer.WritePropertyName("response"u8);
        _body.Begin(writer, status, status == ResponsesItemWriter.Incomplete ? Incomplete : null);
        _items.WriteAll(writer);
        _body.End(writer, usage, null, null);
        writer.WriteEndObject();
        _events.End();
    }
}
