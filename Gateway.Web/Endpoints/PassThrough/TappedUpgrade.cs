using Gateway.Core;
using Gateway.Core.Accounting;
using Gateway.Core.Forwarding;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Web.Endpoints.PassThrough;

/// <summary>An upgraded connection whose bytes towards the client are looked at as they go by.</summary>
/// <param name="settle">Told of each report of usage; an error ends the session.</param>
internal sealed class TappedUpgrade(IHttpUpgradeFeature inner, Func<Usage, ValueTask<GatewayError?>> settle) : IHttpUpgradeFeature
{
    private Func<GatewayError, CancellationToken, ValueTask>? _end;

    public bool IsUpgradableRequest => inner.IsUpgradableRequest;

    public async Task<Stream> UpgradeAsync()
    {
        var stream = new TappedStream(await inner.UpgradeAsync(), settle);
        _end = stream.EndAsync;
        return stream;
    }

    /// <summary>Says why the session ends, once nothing else is sent to the client. Does nothing where there is none, or a message is cut.</summary>
    public ValueTask EndAsync(GatewayError reason, CancellationToken cancellationToken) =>
        _end?.Invoke(reason, cancellationToken) ?? ValueTask.CompletedTask;

    private sealed class TappedStream(Stream inner, Func<Usage, ValueTask<GatewayError?>> settle) : PassingStream(inner)
    {
        private readonly RealtimeTap _tap = new();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            while (!buffer.IsEmpty)
            {
                int taken = _tap.Add(buffer.Span);
                await Inner.WriteAsync(buffer[..taken], cancellationToken);
                buffer = buffer[taken..];
                if (_tap.Reported is { } usage && await settle(usage) is { } error)
                {
                    await Inner.WriteAsync(RealtimeError.Frames(error), cancellationToken);
                    throw new IOException("A limit ended the session.");
                }
            }
        }

        public ValueTask EndAsync(GatewayError reason, CancellationToken cancellationToken) =>
            _tap.IsBetweenMessages ? Inner.WriteAsync(RealtimeError.Frames(reason), cancellationToken) : ValueTask.CompletedTask;

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                Inner.Dispose();
            }
            base.Dispose(disposing);
        }
    }
}
