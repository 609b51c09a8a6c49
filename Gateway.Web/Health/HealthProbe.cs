using System.Net;
using System.Net.Sockets;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Failover;
using Gateway.Core.Health;
using Gateway.Providers;
using Gateway.Providers.Http;

namespace Gateway.Web.Health;

/// <summary>Looks once whether a provider is there, through the very connections that requests use.</summary>
internal sealed class HealthProbe(ProviderRegistry providers, CompletionProbe completion, Func<GatewayOptions> options, TimeProvider time)
{
    private const int MostBytes = 65_536;

    /// <summary>Never throws but for <paramref name="cancellation"/>.</summary>
    public Task<CheckResult> CheckAsync(Provider provider, TimeSpan limit, CancellationToken cancellation) =>
        CheckAsync(provider, provider.HealthCheck, limit, cancellation);

    /// <inheritdoc cref="CheckAsync(Provider, TimeSpan, CancellationToken)"/>
    /// <param name="check">In place of the provider's own.</param>
    public async Task<CheckResult> CheckAsync(Provider provider, HealthCheckSettings check, TimeSpan limit, CancellationToken cancellation)
    {
        long start = time.GetTimestamp();
        CheckResult Result(bool ok, string message) =>
            new(ok, time.GetUtcNow(), Math.Round(time.GetElapsedTime(start).TotalMilliseconds, 1), message);
        using var timeout = new CancellationTokenSource(limit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            (bool ok, string message) = await AskAsync(provider, check, both.Token);
            return Result(ok, message);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Result(false, $"No answer within {limit.TotalSeconds:0.#} s.");
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or IOException)
        {
            return Result(false, "No connection.");
        }
    }

    private async Task<(bool Ok, string Message)> AskAsync(Provider provider, HealthCheckSettings check, CancellationToken cancellation)
    {
        IProviderAdapter? adapter = providers.Find(provider.Kind);
        CredentialDefinition? credential = provider.Credentials.Count > 0 ? provider.Credentials[0] : null;
        switch (check.Kind)
        {
            case HealthCheckKind.Tcp when provider.BaseUrl is { } url:
                await ConnectAsync(url, cancellation);
                return (true, "It takes connections.");
            case HealthCheckKind.Models when adapter is not null:
                using (HttpResponseMessage answer = await adapter.ListModelsAsync(provider, credential, cancellation))
                {
                    // A refused credential or a missing list is no sign of ill health.
                    return ((int)answer.StatusCode < 500, $"Its list of models answers with {(int)answer.StatusCode}.");
                }
            case HealthCheckKind.Path when adapter is IForwardingAdapter forwarding && provider.BaseUrl is { } url:
                int status = await GetAsync(forwarding, provider, new Uri(url, check.Path), credential, cancellation);
                return (status < 400, $"{check.Path} answers with {status}.");
            case HealthCheckKind.Address when adapter is IForwardingAdapter forwarding && provider.BaseUrl is { } url && options().Checks.AddressPath is { } path:
                int answered = await GetAsync(forwarding, provider, new Uri(url, path), credential, cancellation);
                return (answered is < 500 or 501, $"{path} answers with {answered}.");
            case HealthCheckKind.Completion when adapter is not null:
                return await completion.AskAsync(provider, adapter, credential, cancellation);
            default:
                return (true, "Providers of this kind have no check of this sort.");
        }
    }

    private static async Task<int> GetAsync(
        IForwardingAdapter adapter, Provider provider, Uri url, CredentialDefinition? credential, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        await adapter.AuthorizeAsync(request, provider, credential, cancellation);
        using HttpResponseMessage answer = await adapter.ConnectionsFor(provider).SendAsync(request, cancellation);
        await answer.Content.LoadIntoBufferAsync(MostBytes, cancellation);
        return (int)answer.StatusCode;
    }

    private async Task ConnectAsync(Uri url, CancellationToken cancellation)
    {
        IPAddress[] addresses = await HostLookup.AddressesOfAsync(url.DnsSafeHost, cancellation);
        IPAddress[] allowed = [.. addresses.Where(a => UpstreamConnections.IsAllowed(a, options()))];
        if (allowed.Length == 0)
        {
            throw new HttpRequestException(HttpRequestError.ConnectionError, "The upstream's address is not allowed.");
        }
        using Socket socket = await FirstAddress.ConnectAsync(allowed, url.Port, cancellation);
    }
}
