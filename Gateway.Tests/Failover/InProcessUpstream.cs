using System.Net;
using System.Text;
using Gateway.Core.Catalog;
using Gateway.Core.Failover;

namespace Gateway.Tests.Failover;

/// <summary>An upstream within the process, which answers as the test says.</summary>
internal sealed class InProcessUpstream(Func<UpstreamCall, CancellationToken, Task<HttpResponseMessage>> answer) : IProviderAdapter
{
    public IReadOnlyList<ProviderKind> Kinds { get; } = [ProviderKind.OpenAICompatible];

    public static HttpResponseMessage Json(string json, int status = 200) =>
        new((HttpStatusCode)status) { Content = new StringContent(json, Encoding.UTF8, "application/json") };

    public static HttpResponseMessage Events(Stream body) =>
        new(HttpStatusCode.OK) { Content = new StreamContent(body) { Headers = { { "Content-Type", "text/event-stream" } } } };

    public Operation? Serve(Provider provider, Operation asked) => asked;

    public Task<HttpResponseMessage> SendAsync(UpstreamCall call, CancellationToken cancellation) => answer(call, cancellation);

    public Task<HttpResponseMessage> ListModelsAsync(Provider provider, CredentialDefinition? credential, CancellationToken cancellation) => throw new NotSupportedException();
}

/// <summary>A body whose bytes come when the test says.</summary>
/// <param name="read">Fills the buffer, which is empty where nothing but the waiting is asked for.</param>
internal sealed class ScriptedBody(Func<Memory<byte>, CancellationToken, ValueTask<int>> read, Action? disposed = null) : Stream
{
    private int _disposed;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => read(buffer, cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            disposed?.Invoke();
        }
        base.Dispose(disposing);
    }
}
