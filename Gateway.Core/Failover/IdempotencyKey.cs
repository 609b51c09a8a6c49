using System.Security.Cryptography;
using System.Text;
using Gateway.Core.Catalog;

namespace Gateway.Core.Failover;

/// <summary>
/// The client's <c>Idempotency-Key</c> as an upstream is sent it: the same for the same key of the gateway, backend and credential, so
/// that a repeated call is known there; another one everywhere else. As it came, clients that share a credential could be given each
/// other's answers.
/// </summary>
public static class IdempotencyKey
{
    public const string Header = "Idempotency-Key";

    private const int Most = 255;

    /// <param name="sent">What the client sent; null and what is too long to be a key are not sent on.</param>
    public static string? For(string? sent, ApiKey? key, Backend backend, CredentialDefinition? credential) => sent is not { Length: > 0 and <= Most } ? null
        : "gw-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{key?.Id}\n{backend.Provider.Id}\n{backend.Id}\n{credential?.Id}\n{sent}")).AsSpan(0, 16));
}
