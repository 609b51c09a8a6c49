namespace Gateway.Providers.Bedrock;

/// <summary>The keys of an AWS account.</summary>
/// <param name="SessionToken">Null for long-term keys.</param>
internal sealed record AwsKeys(string AccessKeyId, string SecretAccessKey, string? SessionToken)
{
    /// <summary>
    /// From a credential: <c>{access key id}:{secret access key}[:{session token}]</c>, so that a pool can hold several accounts, or
    /// the secret alone where the provider's settings name its id. Null when it is a Bedrock API key, which is sent as a bearer token.
    /// </summary>
    public static AwsKeys? Of(string secret, string? accessKeyId, string? sessionToken)
    {
        string[] parts = secret.Split(':', 3);
        // No secret access key holds a colon.
        return parts.Length > 1 && IsId(parts[0]) ? new AwsKeys(parts[0], parts[1], parts.Length > 2 ? parts[2] : null)
            : accessKeyId is null ? null
            : new AwsKeys(accessKeyId, secret, sessionToken);
    }

    /// <summary>16 to 128 capital letters and digits: IAM's AccessKey type.</summary>
    public static bool IsId(string text) => text.Length is >= 16 and <= 128 && text.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c));

    /// <summary>Not printed: the secret must not reach a log by way of <c>ToString</c>.</summary>
    public override string ToString() => $"AWS keys {AccessKeyId}";
}
