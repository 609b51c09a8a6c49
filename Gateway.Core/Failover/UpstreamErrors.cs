using System.Net.Http.Headers;
using Gateway.Core.Catalog;

namespace Gateway.Core.Failover;

/// <summary>Turns what an upstream said went wrong into a <see cref="GatewayError"/>: the one place where statuses are judged.</summary>
internal static class UpstreamErrors
{
    private const int MaxMessage = 1000;

    /// <summary>From an answer with an error status.</summary>
    public static GatewayError OfAnswer(
        int status, HttpResponseHeaders headers, ReadOnlySpan<byte> body, Backend backend, CredentialDefinition? credential, DateTimeOffset now)
    {
        ErrorText text = ErrorText.Read(body);
        if (headers.NonValidated.TryGetValues("x-amzn-errortype", out HeaderStringValues exception))
        {
            status = ErrorNames.OfAwsException(exception.ToString()) ?? status;
        }
        GatewayError error = Classify(status, text, backend, credential, RetryHints.Of(status, headers, now) ?? text.RetryAfter);
        return error with { Upstream = headers, Extra = Clean(text.Extra, backend, credential) };
    }

    /// <summary>From an error object inside an answer whose status was 200.</summary>
    public static GatewayError OfErrorObject(ReadOnlySpan<byte> error, Backend backend, CredentialDefinition? credential)
    {
        ErrorText text = ErrorText.Read(error);
        int status = text.NumericCode ?? ErrorNames.StatusOf(text.Code) ?? ErrorNames.StatusOf(text.Type) ?? 502;
        return Classify(status is >= 400 and <= 599 ? status : 502, text, backend, credential, text.RetryAfter);
    }

    public static GatewayError OfException(Exception exception) => exception switch
    {
        // No token could be had for the credential. What the message says is for operators: the console's test button shows it.
        HttpRequestException { HttpRequestError: HttpRequestError.UserAuthenticationError } =>
            new GatewayError(GatewayErrorKind.UpstreamAuthentication, "The gateway's credential for the upstream was refused. Ask your platform team to check it."),
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.InvalidResponse } =>
            new GatewayError(GatewayErrorKind.UpstreamInvalidResponse, "The upstream's answer was not HTTP, or its head was too large."),
        // Without a kind: the request could not be sent to its end.
        HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } or HttpRequestException { HttpRequestError: HttpRequestError.Unknown, InnerException: IOException }
            or HttpIOException or IOException =>
            new GatewayError(GatewayErrorKind.UpstreamConnection, "The connection to the upstream broke off."),
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } =>
            new GatewayError(GatewayErrorKind.UpstreamConnection, "The upstream could not be reached: its name cannot be resolved."),
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } =>
            new GatewayError(GatewayErrorKind.UpstreamConnection, "The upstream could not be reached: no TLS connection came about, as when its certificate is not valid."),
        _ when exception.GetBaseException() is AddressNotAllowedException => new GatewayError(
            GatewayErrorKind.UpstreamConnection,
            "The upstream could not be reached: it is in a network that this gateway may not call. Ask your platform team to add it to Gateway:Upstreams:AllowedNetworks."),
        _ => new GatewayError(GatewayErrorKind.UpstreamConnection, "The upstream could not be reached."),
    };

    /// <summary>A stream that ended without its wire's sign of the end: told, never made good by an invented one.</summary>
    public static GatewayError Broken { get; } =
        new(GatewayErrorKind.UpstreamStreamBroken, "The upstream's stream broke off before it was finished.");

    /// <summary>The code of a refusal that no API gave: for what the request says, or for where it comes from. Elsewhere it may pass.</summary>
    public const string Firewall = "upstream_firewall";

    /// <summary>The answer is there, but the journal cannot take its record: it is not given.</summary>
    public static GatewayError NotRecorded { get; } =
        new(GatewayErrorKind.JournalUnavailable, "The gateway cannot record calls at the moment.", RetryAfter: TimeSpan.FromSeconds(5));

    public static GatewayError Invalid(string message) => new(GatewayErrorKind.UpstreamInvalidResponse, message);

    private static GatewayError Classify(int status, in ErrorText text, Backend backend, CredentialDefinition? credential, TimeSpan? retryAfter)
    {
        string message = Clean(text.Message, backend, credential);
        bool quota = text.Code == "insufficient_quota" || text.Type == "insufficient_quota";
        status = ErrorNames.IsBadKey(text.Reason) ? 401 : status;
        return status switch
        {
            403 when text.IsPage => new GatewayError(
                GatewayErrorKind.UpstreamRefused,
                $"A firewall before the provider {backend.Provider.Name} refused this request. Change what it says, or choose another model.",
                Code: Firewall,
                Status: 403),
            // Of one request, and none of the credential's: it goes back to whoever made it.
            403 when text.IsAboutInput => new GatewayError(GatewayErrorKind.UpstreamRefused, message, text.Param, text.Code, Status: 403),
            401 or 403 => new GatewayError(
                GatewayErrorKind.UpstreamAuthentication,
                $"The provider {backend.Provider.Name} refused the gateway's credential. Ask your platform team to check it."),
            402 => new GatewayError(GatewayErrorKind.UpstreamQuotaExhausted, $"The account at the provider {backend.Provider.Name} is out of funds."),
            429 when quota => new GatewayError(GatewayErrorKind.UpstreamQuotaExhausted, message, RetryAfter: retryAfter),
            429 => new GatewayError(GatewayErrorKind.UpstreamRateLimited, message, RetryAfter: retryAfter),
            408 or 504 or 524 => new GatewayError(GatewayErrorKind.UpstreamTimeout, message, RetryAfter: retryAfter),
            529 => new GatewayError(
                GatewayErrorKind.UpstreamServerError, message, Code: GatewayError.UpstreamOverloaded, Status: 503, RetryAfter: retryAfter),
            503 => new GatewayError(GatewayErrorKind.UpstreamServerError, message, Status: 503, RetryAfter: retryAfter),
            // Google's CANCELLED: the client is still there, and in the books 499 is a client that left. And a proxy between the
            // gateway and the provider that wants to be signed in to: no client can do that.
            407 or 499 or >= 500 => new GatewayError(GatewayErrorKind.UpstreamServerError, message, RetryAfter: retryAfter),
            400 when ErrorNames.IsTooLong(text.Code, text.Message) => new GatewayError(
                GatewayErrorKind.UpstreamRefused, message, text.Param, GatewayError.ContextLengthExceeded, retryAfter, status),
            >= 400 => new GatewayError(GatewayErrorKind.UpstreamRefused, message, text.Param, text.Code, retryAfter, status),
            _ => Invalid($"The upstream answered with the unexpected status {status}."),
        };
    }

    /// <summary>Nothing where it names the secret that was sent there, or the upstream's address.</summary>
    private static ErrorExtra? Clean(ErrorExtra? extra, Backend backend, CredentialDefinition? credential) =>
        extra?.Value.GetRawText() is { } json
        && !(credential is { Secret.Length: > 3 } && json.Contains(credential.Secret, StringComparison.Ordinal))
        && !(backend.Provider.BaseUrl is { } url && json.Contains(url.Host, StringComparison.OrdinalIgnoreCase)) ? extra : null;

    /// <summary>Upstream text without the secret that was sent there and without its address, cut to a sane length.</summary>
    private static string Clean(string? message, Backend backend, CredentialDefinition? credential)
    {
        if (string.IsNullOrWhiteSpace(message))
        {
            return $"The provider {backend.Provider.Name} answered with an error.";
        }
        if (credential is { Secret.Length: > 3 })
        {
            message = message.Replace(credential.Secret, "[redacted]", StringComparison.Ordinal);
        }
        if (backend.Provider.BaseUrl is { } url)
        {
            message = message.Replace(url.Authority, "[upstream]", StringComparison.OrdinalIgnoreCase);
            message = message.Replace(url.Host, "[upstream]", StringComparison.OrdinalIgnoreCase);
        }
        return message.Length <= MaxMessage ? message : message[..MaxMessage] + "…";
    }
}
