using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;

namespace Gateway.Web.Storage.Captures;

/// <summary>Packs what was said in a call for the database, compressed and encrypted.</summary>
internal sealed class CapturedBody(IDataProtectionProvider dataProtection)
{
    private readonly SealedBody _sealed = new(dataProtection, "Gateway.CapturedCalls.v1");

    /// <exception cref="System.Security.Cryptography.CryptographicException">There is no key to encrypt with.</exception>
    public byte[] Pack(CapturedContent content) => _sealed.Seal(packed => JsonSerializer.Serialize(packed, content, CapturedContentJson.Default.CapturedContent));

    /// <summary>Null when it was made under a key that is not there any more, or was changed.</summary>
    public CapturedContent? TryUnpack(byte[] body) =>
        _sealed.TryOpen(body) is { } bytes ? JsonSerializer.Deserialize(bytes, CapturedContentJson.Default.CapturedContent) : null;
}
