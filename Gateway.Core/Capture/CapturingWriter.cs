using System.Buffers;
using System.IO.Pipelines;

namespace Gateway.Core.Capture;

/// <summary>Keeps the beginning of what goes by it on its way to the client. For one writer at a time, as any pipe is.</summary>
internal sealed class CapturingWriter(PipeWriter client) : PipeWriter
{
    private readonly ArrayBufferWriter<byte> _kept = new();
    private Memory<byte> _room;
    private long _length;

    public CapturedBytes Captured => new(_kept.WrittenMemory, _length);

    public override bool CanGetUnflushedBytes => client.CanGetUnflushedBytes;

    public override long UnflushedBytes => client.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0) => _room = client.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        Keep(_room.Span[..bytes]);
        _room = _room[bytes..];
        client.Advance(bytes);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => client.FlushAsync(cancellationToken);

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        Keep(source.Span);
        return client.WriteAsync(source, cancellationToken);
    }

    public override void CancelPendingFlush() => client.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => client.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => client.CompleteAsync(exception);

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        _length += bytes.Length;
        int room = CapturedCall.MostBytes - _kept.WrittenCount;
        _kept.Write(bytes.Length <= room ? bytes : bytes[..room]);
    }
}
