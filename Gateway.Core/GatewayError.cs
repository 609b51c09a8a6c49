namespace Gateway.Core;

/// <summary>Everything that can go wrong with a call, whoever is at fault. One mapping (<see cref="GatewayError"/>) says what a client sees.</summary>
public enum GatewayErrorKind
{
    // The client's
    InvalidRequest,
    InvalidJson,
    UnsupportedMediaType,
    RequestTooLarge,
    Unauthenticated,
    ModelNotFound,
    NotFound,
    MethodNotAllowed,

    /// <summary>Request or answer hold what an operator does not let pass (<c>Gateway:Guardrails</c>).</summary>
    ContentFiltered,

    // Limits
    RateLimited,
    TokensLimited,
    BudgetExhausted,
    Overloaded,

    // Upstream
    UpstreamRateLimited,
    UpstreamQuotaExhausted,
    UpstreamAuthentication,
    UpstreamRefused,
    UpstreamServerError,
    UpstreamTimeout,
    UpstreamConnection,
    UpstreamInvalidResponse,
    UpstreamStreamBroken,
    NoBackend,

    /// <summary>A backend that was chosen has no such operation, or cannot carry all of the request and may not lose any of it.</summary>
    NotServable,

    // Ours
    ClientClosed,
    JournalUnavailable,
    ShuttingDown,
    Internal,

    /// <summary>An operator ended the call.</summary>
    Cancelled,

    /// <summary>The process was killed while the call ran; only in the books, never told to a client.</summary>
    Interrupted,

    /// <summary>A key or model is unknown so far: the database, which may have it, has not been read yet.</summary>
    Starting,

    /// <summary>The client takes too long to send its request.</summary>
    RequestTimeout,

    /// <summary>The key is for other endpoints.</summary>
    EndpointNotAllowed,
}

/// <summary>A failure as a value: what a client is told, in whichever wire it speaks. Never holds a secret or an upstream address.</summary>
/// <param name="Message">One or two sentences that say what to do.</param>
/// <param name="Param">The field at fault, if one is.</param>
/// <param name="Code">A machine-readable code where it is more exact than the kind's own.</param>
/// <param name="Status">Overrides the kind's status, to keep an upstream's 4xx as it was.</param>
public sealed record GatewayError(
    GatewayErrorKind Kind,
    string Message,
    string? Param = null,
    string? Code = null,
    TimeSpan? RetryAfter = null,
    int? Status = null)
{
    /// <summary>The head of the upstream's answer, of which a few hints travel on; null where no upstream said this.</summary>
    public System.Net.Http.Headers.HttpResponseHeaders? Upstream { get; init; }

    /// <summary>What the error holds besides, in one wire's own field; null for nothing.</summary>
    public ErrorExtra? Extra { get; init; }

    /// <summary>The <see cref="Code"/> of an upstream that has too much to do (Anthropic's 529).</summary>
    public const string UpstreamOverloaded = "overloaded_error";

    /// <summary>The <see cref="Code"/> of a conversation that is longer than the model takes, whichever way the upstream says it.</summary>
    public const string ContextLengthExceeded = "context_length_exceeded";

    /// <summary>HTTP status for the client.</summary>
    public int StatusCode => Status ?? Kind switch
    {
        GatewayErrorKind.InvalidRequest or GatewayErrorKind.InvalidJson or GatewayErrorKind.UpstreamRefused or GatewayErrorKind.NotServable
            or GatewayErrorKind.ContentFiltered => 400,
        GatewayErrorKind.Unauthenticated => 401,
        GatewayErrorKind.EndpointNotAllowed => 403,
        GatewayErrorKind.ModelNotFound or GatewayErrorKind.NotFound => 404,
        GatewayErrorKind.MethodNotAllowed => 405,
        GatewayErrorKind.RequestTimeout => 408,
        GatewayErrorKind.RequestTooLarge => 413,
        GatewayErrorKind.UnsupportedMediaType => 415,
        GatewayErrorKind.RateLimited or GatewayErrorKind.TokensLimited or GatewayErrorKind.BudgetExhausted
            or GatewayErrorKind.UpstreamRateLimited or GatewayErrorKind.UpstreamQuotaExhausted => 429,
        GatewayErrorKind.ClientClosed or GatewayErrorKind.Cancelled => 499,
        GatewayErrorKind.UpstreamAuthentication or GatewayErrorKind.UpstreamServerError or GatewayErrorKind.UpstreamConnection
            or GatewayErrorKind.UpstreamInvalidResponse or GatewayErrorKind.UpstreamStreamBroken => 502,
        GatewayErrorKind.Overloaded or GatewayErrorKind.NoBackend or GatewayErrorKind.JournalUnavailable
            or GatewayErrorKind.ShuttingDown or GatewayErrorKind.Starting => 503,
        GatewayErrorKind.UpstreamTimeout => 504,
        _ => 500,
    };

    /// <summary>The kind in snake case, as it stands in records, logs and the console.</summary>
    public string KindName => Kind.ToName();

    /// <summary>OpenAI's <c>code</c>.</summary>
    public string? CodeName => Code ?? Kind switch
    {
        GatewayErrorKind.InvalidRequest or GatewayErrorKind.UpstreamRefused => null,
        GatewayErrorKind.Unauthenticated => "invalid_api_key",
        GatewayErrorKind.RateLimited or GatewayErrorKind.TokensLimited or GatewayErrorKind.UpstreamRateLimited => "rate_limit_exceeded",
        GatewayErrorKind.BudgetExhausted or GatewayErrorKind.UpstreamQuotaExhausted => "insufficient_quota",
        GatewayErrorKind.UpstreamAuthentication => "upstream_authentication_error",
        _ => KindName,
    };

    /// <summary>OpenAI's <c>type</c>.</summary>
    public string TypeName => StatusCode switch
    {
        401 => "authentication_error",
        403 => "permission_error",
        429 when CodeName == "insufficient_quota" => "insufficient_quota",
        429 => "rate_limit_error",
        >= 500 => Kind == GatewayErrorKind.UpstreamAuthentication ? "upstream_authentication_error" : "server_error",
        _ => "invalid_request_error",
    };
}

public static class GatewayErrorKinds
{
    private static readonly string[] Names =
        [.. Enum.GetNames<GatewayErrorKind>().Select(n => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(n))];

    /// <summary>Snake case, for example <c>upstream_timeout</c>.</summary>
    public static string ToName(this GatewayErrorKind kind) => Names[(int)kind];
}
