using System.Buffers;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Streaming;

namespace Gateway.Providers.OpenAI.Chat;

/// <summary>Writes a Chat stream.</summary>
internal sealed class ChatStreamEncoder(ResponseContext context, ConversionNotes notes) : StreamEncoder
{
    private readonly string _id = context.NewId("chatcmpl-");
    private readonly long _created = context.Now.ToUnixTimeSeconds();
    private readonly Dictionary<(int Choice, int Part), int> _calls = [];
    private readonly HashSet<int> _begun = [];
    private readonly ArrayBufferWriter<byte> _unused = new(1);
    private Utf8JsonWriter? _writer;
    private Usage _usage;

    /// <inheritdoc/>
    public override void Write(in StreamEvent next, IBufferWriter<byte> output)
    {
        switch (next.Kind)
        {
            case StreamEventKind.PartStart when next.PartKind == PartKind.ToolCall:
                StartCall(next, output);
                break;
            case StreamEventKind.PartStart when next.PartKind == PartKind.Opaque:
                notes.Lose("part:" + next.Name, "A Chat stream has no such part.");
                break;
            case StreamEventKind.Delta:
                WriteDelta(next, output);
                break;
            case StreamEventKind.Signature when next.PartKind == PartKind.Reasoning:
                WriteSignature(next, output);
                break;
            case StreamEventKind.Signature when next.PartKind == PartKind.ToolCall:
                WriteCallSignature(next, output);
                break;
            case StreamEventKind.Media:
                WriteMedia(next, output);
                break;
            case StreamEventKind.Citation:
                WriteCitation(next, output);
                break;
            case StreamEventKind.Logprobs:
                Begin(next.Choice, output);
                _writer!.WriteEndObject();
                _writer.WritePropertyName("logprobs");
                next.Json.WriteTo(_writer);
                End(null, output);
                break;
            case StreamEventKind.Finish:
                Begin(next.Choice, output);
                _writer!.WriteEndObject();
                End(ChatFinish.Write(next.Finish), output);
                break;
            case StreamEventKind.Usage:
                _usage = next.Usage;
                break;
            case StreamEventKind.End:
                WriteEnd(output);
                break;
        }
    }

    private void StartCall(in StreamEvent next, IBufferWriter<byte> output)
    {
        int choice = next.Choice;
        int number = _calls.Count(c => c.Key.Choice == choice);
        _calls[(next.Choice, next.Part)] = number;
        Begin(next.Choice, output);
        _writer!.WriteStartArray("tool_calls");
        ChatPartWriter.WriteAnswerCall(_writer, new ToolCallPart(next.Id ?? $"call_{number}", next.Name ?? "", "") { Signature = next.Text }, number);
        _writer.WriteEndArray();
        _writer.WriteEndObject();
        End(null, output);
    }

    private void WriteDelta(in StreamEvent next, IBufferWriter<byte> output)
    {
        Begin(next.Choice, output);
        switch (next.PartKind)
        {
            case PartKind.Text:
                _writer!.WriteString("content", next.Text);
                break;
            case PartKind.Reasoning:
                _writer!.WriteString("reasoning_content", next.Text);
                break;
            case PartKind.Refusal:
                _writer!.WriteString("refusal", next.Text);
                break;
            case PartKind.Media:
                _writer!.WriteStartObject("audio");
                _writer.WriteString("transcript", next.Text);
                _writer.WriteEndObject();
                break;
            case PartKind.ToolCall:
                _writer!.WriteStartArray("tool_calls");
                _writer.WriteStartObject();
                _writer.WriteNumber("index", _calls.GetValueOrDefault((next.Choice, next.Part)));
                _writer.WriteStartObject("function");
                _writer.WriteString("arguments", next.Text);
                _writer.WriteEndObject();
                _writer.WriteEndObject();
                _writer.WriteEndArray();
                break;
        }
        _writer!.WriteEndObject();
        End(null, output);
    }

    // The text has gone ahead as reasoning_content; the detail carries what proves it.
    private void WriteSignature(in StreamEvent next, IBufferWriter<byte> output)
    {
        Begin(next.Choice, output);
        _writer!.WriteStartArray("reasoning_details");
        _writer.WriteStartObject();
        _writer.WriteString("type", next.Name == StreamEvent.Redacted ? "reasoning.encrypted" : "reasoning.text");
        _writer.WriteString(next.Name == StreamEvent.Redacted ? "data" : "signature", ForeignSignature.Wrap(context.Origin, Wire.OpenAIChat, next.Text ?? ""));
        _writer.WriteEndObject();
        _writer.WriteEndArray();
        _writer.WriteEndObject();
        End(null, output);
    }

    private void WriteCallSignature(in StreamEvent next, IBufferWriter<byte> output)
    {
        Begin(next.Choice, output);
        _writer!.WriteStartArray("tool_calls");
        _writer.WriteStartObject();
        _writer.WriteNumber("index", _calls.GetValueOrDefault((next.Choice, next.Part)));
        ChatReasoning.WriteGoogleSignature(_writer, next.Text);
        _writer.WriteEndObject();
        _writer.WriteEndArray();
        _writer.WriteEndObject();
        End(null, output);
    }

    private void WriteMedia(in StreamEvent next, IBufferWriter<byte> output)
    {
        bool image = next.Name?.StartsWith("image/", StringComparison.Ordinal) ?? false;
        Begin(next.Choice, output);
        if (image)
        {
            notes.Bridge("part:image", "Pictures in an answer stand in 'images', as OpenRouter has them.");
            _writer!.WriteStartArray("images");
            _writer.WriteStartObject();
            _writer.WriteString("type", "image_url");
            _writer.WriteStartObject("image_url");
            _writer.WriteString("url", $"data:{next.Name};base64,{next.Text}");
            _writer.WriteEndObject();
            _writer.WriteEndObject();
            _writer.WriteEndArray();
        }
        else
        {
            _writer!.WriteStartObject("audio");
            _writer.WriteString("data", next.Text);
            _writer.WriteEndObject();
        }
        _writer.WriteEndObject();
        End(null, output);
    }

    private void WriteCitation(in StreamEvent next, IBufferWriter<byte> output)
    {
        if (next.Citation!.Url is null && next.Citation.Raw?.Wire != Wire.OpenAIChat)
        {
            notes.Lose("citations", "Chat Completions cites addresses only.");
            return;
        }
        Begin(next.Choice, output);
        _writer!.WriteStartArray("annotations");
        ChatCitations.Write(_writer, next.Citation, 0);
        _writer.WriteEndArray();
        _writer.WriteEndObject();
        End(null, output);
    }

    private void WriteEnd(IBufferWriter<byte> output)
    {
        if (context.Request.IncludeUsage)
        {
            BeginChunk(output);
            _writer!.WriteEndArray();
            ChatUsage.Write(_writer, _usage);
            EndChunk(output);
        }
        output.Write("data: [DONE]\n\n"u8);
    }

    /// <summary>Writes as far as into the delta of a choice; the first one says who speaks.</summary>
    private void Begin(int choice, IBufferWriter<byte> output)
    {
        BeginChunk(output);
        _writer!.WriteStartObject();
        _writer.WriteNumber("index", choice);
        _writer.WriteStartObject("delta");
        if (_begun.Add(choice))
        {
            _writer.WriteString("role", "assistant");
        }
    }

    private void End(string? finish, IBufferWriter<byte> output)
    {
        _writer!.WriteString("finish_reason", finish);
        _writer.WriteEndObject();
        _writer.WriteEndArray();
        EndChunk(output);
    }

    private void BeginChunk(IBufferWriter<byte> output)
    {
        output.Write("data: "u8);
        _writer ??= new Utf8JsonWriter(_unused, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        _writer.Reset(output);
        _writer.WriteStartObject();
        _writer.WriteString("id", _id);
        _writer.WriteString("object", "chat.completion.chunk");
        _writer.WriteNumber("created", _created);
        _writer.WriteString("model", context.Model);
        _writer.WriteStartArray("choices");
    }

    private void EndChunk(IBufferWriter<byte> output)
    {
        _writer!.WriteEndObject();
        _writer.Flush();
        output.Write("\n\n"u8);
    }
}
