using System.Security.Cryptography;
using System.Text;

namespace Gateway.Providers.OpenAI;

/// <summary>The <c>user</c> field of a request that came by another wire.</summary>
internal static class OpenAIUser
{
    // Of Chat and Responses; more is 400 string_above_max_length.
    private const int MaxLength = 64;

    /// <summary>The id, or its SHA-256 where it is too long for OpenAI: Claude Code's holds device, account and session. The same user stays the same.</summary>
    public static string? Fit(string? user) =>
        user is { Length: > MaxLength } ? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(user))) : user;
}
