namespace Gateway.Providers.Http.Tokens;

/// <summary>A bearer token and its end.</summary>
internal sealed record AccessToken(string Value, DateTimeOffset ExpiresAt)
{
    /// <summary>Not printed: the token must not reach a log by way of <c>ToString</c>.</summary>
    public override string ToString() => $"Token until {ExpiresAt:O}";
}
