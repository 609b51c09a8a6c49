using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Failover;
using Gateway.Providers;
using Gateway.Providers.Http;

namespace Gateway.Web.Administration;

/// <summary>Asks an upstream for its list of models, through the very client that requests use.</summary>
internal sealed class ProviderProbe(ProviderRegistry providers, Func<GatewayOptions> options, TimeProvider time)
{
    private const int MaxBytes = 4_194_304;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public async Task<ProviderTestResult> TestAsync(Provider provider, CancellationToken cancellationToken)
    {
        if (providers.Find(provider.Kind) is not { } adapter)
        {
            return new ProviderTestResult(false, null, 0, $"This version of the gateway cannot call providers of kind {provider.Kind.ToName()} yet.", []);
        }
        long start = time.GetTimestamp();
        double Elapsed() => Math.Round(time.GetElapsedTime(start).TotalMilliseconds, 1);
        TimeSpan limit = options().TimeoutsFor(provider, null).Total < Patience ? options().TimeoutsFor(provider, null).Total : Patience;
        using var timeout = new CancellationTokenSource(limit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using HttpResponseMessage answer = await adapter.ListModelsAsync(provider, provider.Credentials.Count > 0 ? provider.Credentials[0] : null, both.Token);
            await answer.Content.LoadIntoBufferAsync(MaxBytes, both.Token);
            byte[] body = await answer.Content.ReadAsByteArrayAsync(both.Token);
            return Judge(provider, (int)answer.StatusCode, Elapsed(), body);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ProviderTestResult(false, null, Elapsed(), $"No answer within {limit.TotalSeconds:0} seconds. Check the base URL and the network between.", []);
        }
        catch (HttpRequestException e)
        {
            return new ProviderTestResult(false, null, Elapsed(), Describe(e), []);
        }
    }

    private static ProviderTestResult Judge(Provider provider, int status, double elapsed, byte[] body) => status switch
    {
        >= 200 and < 300 when ModelList.Read(body) is { } models =>
            new ProviderTestResult(true, status, elapsed, $"It answers, and lists {models.Count} model{(models.Count == 1 ? "" : "s")}.", models),
        >= 200 and < 300 => new ProviderTestResult(false, status, elapsed, "Something answers, but not with a list of models. Check the path of the base URL.", []),
        401 or 403 => new ProviderTestResult(false, status, elapsed, provider.Credentials.Count == 0
            ? "It wants a credential. Add one." : "It refuses the credential. Enter the secret again.", []),
        // Some servers that speak OpenAI's wire have no list of models; a request may still work.
        404 or 405 => new ProviderTestResult(false, status, elapsed, "It answers, but has no list of models there. Check the path of the base URL; a request may work all the same.", []),
        429 => new ProviderTestResult(false, status, elapsed, "It answers, but limits this account at the moment.", []),
        _ => new ProviderTestResult(false, status, elapsed, $"It answers with status {status}.", []),
    };

    private static string Describe(HttpRequestException e) => e.HttpRequestError switch
    {
        // Composed by the adapters, of safe parts only.
        HttpRequestError.UserAuthenticationError => e.Message,
        HttpRequestError.NameResolutionError => "The host name is not known. Check the base URL.",
        HttpRequestError.SecureConnectionError => "The TLS connection failed. Check the scheme, the port and the upstream's certificate.",
        HttpRequestError.ConnectionError when e.GetBaseException() is AddressNotAllowedException =>
            "It is in a network that this gateway may not call. Add the network to Gateway:Upstreams:AllowedNetworks (127.0.0.0/8 is this machine), and restart the gateway.",
        HttpRequestError.ConnectionError => "No connection. Check that the upstream runs, and the host and port of the base URL.",
        _ => "The connection broke or the answer was not HTTP. Check scheme, host and port of the base URL.",
    };
}
