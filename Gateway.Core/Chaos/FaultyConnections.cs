namespace Gateway.Core.Chaos;

/// <summary>Connections on which the calls go wrong that an operator has go wrong: for what is passed on without being read.</summary>
internal sealed class FaultyConnections(HttpMessageInvoker inner, Fault fault, TimeProvider time) : HttpMessageHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        FaultInjector.SendAsync(fault, token => inner.SendAsync(request, token), time, cancellationToken);
}
