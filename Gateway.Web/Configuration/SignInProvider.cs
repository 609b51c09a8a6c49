using System.Security.Cryptography;
using System.Text;

namespace Gateway.Web.Configuration;

/// <summary>An OpenID Connect provider that people sign in with: any that follows the standard, or Entra ID.</summary>
/// <param name="Name">As in <c>Gateway:SignIn:Providers:{Name}</c>; <c>entra</c> for the section <c>AzureAd</c>.</param>
internal sealed record SignInProvider(string Name)
{
    /// <summary>What stands on its button.</summary>
    public required string DisplayName { get; init; }

    /// <summary>Its issuer, below which the discovery document is; for Entra ID put together from instance and tenant.</summary>
    public required string Authority { get; init; }
    public required string ClientId { get; init; }

    /// <summary>Null for a client that has none and is protected by PKCE alone.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>Beside <c>openid</c>.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = ["profile", "email"];
    public required string CallbackPath { get; init; }
    public required string SignedOutCallbackPath { get; init; }

    /// <summary>Whether to ask for the person's claims where the id token does not hold them.</summary>
    public bool UserInfo { get; init; }

    /// <summary>Whether an e-mail address counts that the provider does not call verified.</summary>
    public bool TrustsEmail { get; init; }

    /// <summary>The claim that holds the groups, where it has another name.</summary>
    public string GroupsClaim { get; init; } = "groups";

    /// <summary>Configured by the section that Microsoft.Identity.Web reads.</summary>
    public bool IsEntra { get; init; }

    /// <summary>The name of its authentication scheme.</summary>
    public string Scheme => "sign-in:" + Name;

    /// <summary>Sessions that were begun under another authority or client are over.</summary>
    public string Stamp => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Name}\n{Authority}\n{ClientId}")))[..16];
}
