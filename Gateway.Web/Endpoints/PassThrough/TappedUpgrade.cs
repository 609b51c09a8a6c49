using Gateway.Core.Forwarding;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Web.Endpoints.PassThrough;

/// <summary>An upgraded connection whose bytes towards the client are looked at as they go by.</summary>
internal sealed class TappedUpgrade(IHttpUpgradeFeature inner, RealtimeTap tap) : IHttpUpgradeFeature
{
    public bool IsUpgradableRequest => inner.IsUpgradableRequest;

    public async Task<Stream> UpgradeAsync() => new TappedStream(await inner.UpgradeAsync(), tap);

    private sealed class TappedStream(Stream inner, RealtimeTap tap) : PassingStream(inner)
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            tap.Add(buffer.Span);
            return Inner.WriteAsync(buffer, cancellationToken);
        }

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
