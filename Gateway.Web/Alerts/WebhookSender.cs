using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Web.Alerts;

/// <summary>
/// Posts notices as JSON. With a secret they are signed: <c>X-Gateway-Signature: t=…,v1=…</c>, the HMAC-SHA256 of the time, a
/// point and the body, so that a receiver can tell who sent it and that it is not an old one sent again.
/// </summary>
internal sealed class WebhookSender : IDisposable
{
    public const string SignatureHeader = "X-Gateway-Signature";

    private readonly HttpMessageInvoker _client;
    private readonly TimeProvider _time;

    public WebhookSender(GuardedDialer dialer, TimeProvider time)
    {
        _time = time;
        _client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            ConnectCallback = async (context, cancellation) => await dialer.ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancellation),
        });
    }

    /// <exception cref="AlertDeliveryException">It was not taken.</exception>
    public async Task<string> SendAsync(string url, string? secret, AlertNotice notice, CancellationToken cancellationToken)
    {
        byte[] body = notice.ToJson();
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("GatewayConsole", null));
        request.Headers.Add("X-Gateway-Delivery", notice.Id);
        if (secret is not null)
        {
            request.Headers.Add(SignatureHeader, Sign(secret, _time.GetUtcNow().ToUnixTimeSeconds(), body));
        }
        try
        {
            // What it says besides the status is not read.
            using HttpResponseMessage answer = await _client.SendAsync(request, cancellationToken);
            int status = (int)answer.StatusCode;
            return status is >= 200 and < 300
                ? $"It answered {status}."
                : throw new AlertDeliveryException($"It answered {status}.", retry: status is 408 or 429 or >= 500);
        }
        catch (HttpRequestException e) when (e.InnerException is AlertDeliveryException refused)
        {
            throw refused;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new AlertDeliveryException(e is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }
                ? "Its certificate is not trusted, or it does not speak TLS." : "There was no connection.", retry: true);
        }
    }

    public void Dispose() => _client.Dispose();

    internal static string Sign(string secret, long seconds, ReadOnlySpan<byte> body)
    {
        string time = seconds.ToString(CultureInfo.InvariantCulture);
        byte[] signed = [.. Encoding.ASCII.GetBytes(time + "."), .. body];
        return $"t={time},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed))}";
    }
}
