using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace Gateway.Web.Security;

/// <summary>Encrypts credentials for the database. Uses the key ring that is in the database and wrapped by the master key.</summary>
internal sealed class SecretProtector(IDataProtectionProvider dataProtection)
{
    private readonly Lazy<IDataProtector> _protector = new(() => dataProtection.CreateProtector("Gateway.Credentials.v1"));

    public string Protect(string secret) => _protector.Value.Protect(secret);

    /// <summary>Null when the text was made under a key that is not there any more, or was changed.</summary>
    public string? TryUnprotect(string protectedSecret)
    {
        try
        {
            return _protector.Value.Unprotect(protectedSecret);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
