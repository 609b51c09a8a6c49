namespace Gateway.Core.Failover;

/// <summary>What upstreams call their errors, as HTTP statuses: where the status is 200, or says less than the name.</summary>
internal static class ErrorNames
{
    private static readonly string[] TooLong =
    [
        "maximum context length", // OpenAI, vLLM, Mistral, DeepSeek, OpenRouter
        "exceeds the context window", // OpenAI's Responses
        "prompt is too long", // Anthropic
        "input is too long for requested model", // Bedrock
        "exceeds the maximum number of tokens allowed", // Gemini
        "maximum prompt length is", // xAI
        "exceeds the available context size", // llama.cpp
    ];

    /// <summary>Of an error object without a number of its own; null for a name that says nothing.</summary>
    public static int? StatusOf(string? name) => name switch
    {
        "rate_limit_error" or "rate_limit_exceeded" or "tokens" or "requests" or "insufficient_quota" or "resource_exhausted" => 429,
        "authentication_error" or "invalid_api_key" or "unauthenticated" => 401,
        "permission_error" or "permission_denied" => 403,
        "invalid_request_error" or "BadRequestError" or "context_length_exceeded" or "content_filter" or "tool_use_failed"
            or "invalid_prompt" or "invalid_argument" or "failed_precondition" => 400,
        "billing_error" => 402,
        "not_found_error" or "model_not_found" or "not_found" => 404,
        "request_too_large" => 413,
        "timeout_error" or "deadline_exceeded" => 504,
        "overloaded_error" => 529,
        "unavailable" => 503,
        _ => OfAwsException(name),
    };

    /// <summary>
    /// Of AWS's names of exceptions, with or without the address behind a colon or the namespace before a hash; null for others.
    /// Source: the Smithy model of bedrock-runtime.
    /// </summary>
    public static int? OfAwsException(string? name)
    {
        if (string.IsNullOrEmpty(name))
        {
            return null;
        }
        string exception = name.Split(':')[0];
        return exception[(exception.LastIndexOf('#') + 1)..].ToLowerInvariant() switch
        {
            // A quota is said with a 400 there, but it is one of tokens or requests.
            "throttlingexception" or "servicequotaexceededexception" or "modelnotreadyexception" => 429,
            "modelstreamerrorexception" => 502,
            "internalserverexception" => 500,
            "serviceunavailableexception" => 503,
            "modeltimeoutexception" => 408,
            "validationexception" => 400,
            "resourcenotfoundexception" => 404,
            "accessdeniedexception" or "unrecognizedclientexception" or "expiredtokenexception" or "invalidsignatureexception" => 403,
            _ => null,
        };
    }

    /// <summary>The request was refused for what it holds.</summary>
    public static bool IsModeration(string? name) => name is
        "content_filter" or "content_policy_violation" or "moderation_blocked" or "moderation_error" or "data_inspection_failed";

    /// <summary>The request is longer than the model takes. Few say so by a name; clients that shorten a conversation by themselves ask for one.</summary>
    public static bool IsTooLong(string? name, string? message) =>
        name == GatewayError.ContextLengthExceeded || (message is not null && TooLong.Any(t => message.Contains(t, StringComparison.OrdinalIgnoreCase)));

    /// <summary>Google answers a bad key with 400; only the reason says what it is.</summary>
    public static bool IsBadKey(string? reason) =>
        reason is "API_KEY_INVALID" or "API_KEY_EXPIRED" or "API_KEY_SERVICE_BLOCKED" or "ACCESS_TOKEN_EXPIRED" or "CREDENTIALS_MISSING";
}
