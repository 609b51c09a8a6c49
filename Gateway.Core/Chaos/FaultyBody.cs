namespace Gateway.Core.Chaos;

/// <summary>A body that comes late, or breaks off.</summary>
internal sealed class FaultyBody(Stream inner, int? cutAfter, TimeSpan delay, TimeProvider time) : Stream
{
    private int _passed;
    private bool _delayed;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The same content, headers and all, over a body of this sort.</summary>
    /// <param name="cutAfter">Bytes after which it breaks off; null never.</param>
    public static async Task<HttpContent> WrapAsync(HttpContent content, int? cutAfter, TimeSpan delay, TimeProvider time, CancellationToken cancellation)
    {
        // Whoever knows the length does not wait for the end.
        cutAfter = cutAfter is { } cut && content.Headers.ContentLength is { } length ? (int)Math.Min(cut, length / 2) : cutAfter;
        var wrapped = new StreamContent(new FaultyBody(await content.ReadAsStreamAsync(cancellation), cutAfter, delay, time));
        foreach ((string name, IEnumerable<string> values) in content.Headers)
        {
            wrapped.Headers.TryAddWithoutValidation(name, values);
        }
        return wrapped;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (cutAfter is null && !_delayed)
        {
            _delayed = true;
            await Task.Delay(delay, time, cancellationToken);
        }
        if (buffer.Length == 0)
        {
            return await inner.ReadAsync(buffer, cancellationToken);
        }
        int most = cutAfter is { } cut ? Math.Min(buffer.Length, cut - _passed) : buffer.Length;
        int count = most > 0 ? await inner.ReadAsync(buffer[..most], cancellationToken) : 0;
        _passed += count;
        return count == 0 && cutAfter is not null ? throw new IOException("Injected by an operator.") : count;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Asynchronous only.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }
        base.Dispose(disposing);
    }
}
