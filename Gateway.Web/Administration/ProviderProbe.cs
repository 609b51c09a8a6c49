using Gateway.Core.Catalog;

namespace Gateway.Web.Administration;

/// <summary>Calls an upstream once to see whether it answers.</summary>
internal sealed class ProviderProbe(TimeProvider time)
{
    public Task<ProviderTestResult> TestAsync(Provider provider, CancellationToken cancellationToken) =>
        Task.FromResult(new ProviderTestResult(
            provider.Kind == ProviderKind.Simulated, null, time.GetElapsedTime(time.GetTimestamp()).TotalMilliseconds, "Providers of this kind cannot be tested yet.", []));
}
