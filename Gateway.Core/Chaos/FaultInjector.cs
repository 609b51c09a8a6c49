using System.Net;
using System.Text;

namespace Gateway.Core.Chaos;

/// <summary>Makes a call go wrong as an upstream or a network would, below everything that deals with such failures.</summary>
internal static class FaultInjector
{
    // A few events of a stream get through; a shorter answer breaks off at its end.
    private const int CutAfterBytes = 512;

    /// <exception cref="HttpRequestException">As the fault has it.</exception>
    public static async Task<HttpResponseMessage> SendAsync(
        Fault fault, Func<CancellationToken, Task<HttpResponseMessage>> send, TimeProvider time, CancellationToken cancellation)
    {
        switch (fault.Kind)
        {
            case FaultKind.Latency:
                await Task.Delay(fault.Delay, time, cancellation);
                return await send(cancellation);
            case FaultKind.RateLimit:
                return Answer(HttpStatusCode.TooManyRequests, """{"error":{"message":"Injected by an operator.","type":"rate_limit_error","code":"rate_limit_exceeded"}}""");
            case FaultKind.ServerError:
                return Answer(HttpStatusCode.InternalServerError, """{"error":{"message":"Injected by an operator.","type":"server_error"}}""");
            case FaultKind.Refused:
                throw new HttpRequestException(HttpRequestError.ConnectionError, "Injected by an operator.");
            case FaultKind.Reset:
                throw new HttpRequestException(HttpRequestError.ResponseEnded, "Injected by an operator.");
            case FaultKind.Garbage:
                return Answer(HttpStatusCode.OK, "\u0001\u0002<garbage>}{");
            default:
                HttpResponseMessage response = await send(cancellation);
                response.Content = await FaultyBody.WrapAsync(response.Content, fault.Kind == FaultKind.Cut ? CutAfterBytes : null, fault.Delay, time, cancellation);
                return response;
        }
    }

    private static HttpResponseMessage Answer(HttpStatusCode status, string body) =>
        new(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
}
