using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Gateway.Web.Security.Providers;

/// <summary>
/// Whether a token's issuer is the provider: the one in the discovery document, character by character. That of Entra ID for
/// several directories holds a place for the directory's id, which the token names.
/// </summary>
internal static class ProviderIssuer
{
    private const string Tenant = "{tenantid}";

    public static string Validate(string issuer, SecurityToken token, TokenValidationParameters parameters, BaseConfiguration configuration)
    {
        string expected = configuration.Issuer ?? "";
        if (expected.Contains(Tenant, StringComparison.Ordinal))
        {
            // A GUID in its one form: nothing that reaches out of its place in the address.
            string tenant = (token as JsonWebToken)?.TryGetPayloadValue("tid", out string? tid) == true && Guid.TryParseExact(tid, "D", out _) ? tid : "";
            expected = tenant.Length == 0 ? "" : expected.Replace(Tenant, tenant, StringComparison.Ordinal);
        }
        return expected.Length > 0 && issuer == expected ? issuer
            : throw new SecurityTokenInvalidIssuerException("The token comes from another issuer than the provider's discovery document names.") { InvalidIssuer = issuer };
    }
}
