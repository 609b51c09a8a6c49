using System.Text;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Relay;

namespace Gateway.Core.Forwarding;

/// <summary>
/// Looks at the bytes of a WebSocket on their way to the client and reads the usage that realtime's <c>response.done</c> events
/// report. Changes nothing. Frames: RFC 6455 section 5.2; the server's are never masked.
/// </summary>
public sealed class RealtimeTap
{
    // Sound comes in far smaller pieces; what is larger is no report of usage.
    private const int MaxMessageBytes = 1_048_576;
    private const byte Text = 1;

    private readonly byte[] _head = new byte[14];
    private byte[] _message = [];
    private int _headBytes;
    private int _messageBytes;
    private long _payloadLeft;
    private bool _inPayload;
    private bool _final;
    private bool _control;
    private bool _keeping;
    private bool _lost;
    private bool _inMessage;

    /// <summary>What the message reports behind which the last <see cref="Add"/> stopped; null where it did not stop.</summary>
    public Usage? Reported { get; private set; }

    /// <summary>A message of the gateway's own may be put in here.</summary>
    public bool IsBetweenMessages => !_inMessage && !_inPayload && _headBytes == 0 && !_lost;

    /// <summary>Takes the next bytes, in whatever pieces they come, up to the end of a message that reports usage.</summary>
    /// <returns>How many were taken: all, unless something is <see cref="Reported"/>.</returns>
    public int Add(ReadOnlySpan<byte> bytes)
    {
        Reported = null;
        int taken = 0;
        while (taken < bytes.Length && !_lost && Reported is null)
        {
            if (!_inPayload)
            {
                _head[_headBytes++] = bytes[taken++];
                TryBegin();
                continue;
            }
            int count = (int)Math.Min(_payloadLeft, bytes.Length - taken);
            Keep(bytes.Slice(taken, count));
            taken += count;
            _payloadLeft -= count;
            if (_payloadLeft == 0)
            {
                EndFrame();
            }
        }
        return _lost ? bytes.Length : taken;
    }

    private void TryBegin()
    {
        if (_headBytes < 2)
        {
            return;
        }
        int length = _head[1] & 0x7F;
        int needed = length switch { 126 => 4, 127 => 10, _ => 2 };
        // A masked or compressed frame is not what was agreed on; nothing after it can be read.
        _lost = (_head[1] & 0x80) != 0 || (_head[0] & 0x70) != 0;
        if (_headBytes < needed || _lost)
        {
            return;
        }
        _payloadLeft = length switch
        {
            126 => (_head[2] << 8) | _head[3],
            127 => System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(_head.AsSpan(2)),
            _ => length,
        };
        _final = (_head[0] & 0x80) != 0;
        int opcode = _head[0] & 0x0F;
        _control = opcode >= 8;
        _inMessage = _control ? _inMessage : !_final;
        if (!_control && opcode != 0)
        {
            _keeping = opcode == Text;
            _messageBytes = 0;
        }
        _headBytes = 0;
        _inPayload = true;
        if (_payloadLeft <= 0)
        {
            EndFrame();
        }
    }

    private void Keep(ReadOnlySpan<byte> payload)
    {
        if (_control || !_keeping)
        {
            return;
        }
        if (_messageBytes + payload.Length > MaxMessageBytes)
        {
            _keeping = false;
            return;
        }
        if (_messageBytes + payload.Length > _message.Length)
        {
            Array.Resize(ref _message, Math.Max(_messageBytes + payload.Length, Math.Min(MaxMessageBytes, Math.Max(4096, _message.Length * 2))));
        }
        payload.CopyTo(_message.AsSpan(_messageBytes));
        _messageBytes += payload.Length;
    }

    private void EndFrame()
    {
        _inPayload = false;
        if (!_control && _final && _keeping)
        {
            Read(_message.AsSpan(0, _messageBytes));
        }
    }

    private void Read(ReadOnlySpan<byte> message)
    {
        // Most messages are sound and are not worth parsing.
        if (message.IndexOf("\"response.done\""u8) < 0)
        {
            return;
        }
        try
        {
            using JsonDocument document = JsonDocument.Parse(message.ToArray());
            JsonElement root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object
                && root.TryGetProperty("type", out JsonElement type) && type.ValueEquals("response.done"u8)
                && root.TryGetProperty("response", out JsonElement response) && response.ValueKind == JsonValueKind.Object
                && response.TryGetProperty("usage", out JsonElement usage) && usage.ValueKind == JsonValueKind.Object)
            {
                var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(usage.GetRawText()));
                Usage read = default;
                if (reader.Read() && UsageReader.TryRead(ref reader, ref read))
                {
                    Reported = read;
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not ours to judge; the client sees it as it came.
        }
    }
}
