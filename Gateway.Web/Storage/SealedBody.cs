using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace Gateway.Web.Storage;

/// <summary>
/// What people say, for the database: compressed, since most of it is JSON that repeats itself, then encrypted with the key ring
/// that credentials are encrypted with.
/// </summary>
/// <param name="purpose">What is sealed for one purpose cannot be opened for another.</param>
internal sealed class SealedBody(IDataProtectionProvider dataProtection, string purpose)
{
    private readonly Lazy<IDataProtector> _protector = new(() => dataProtection.CreateProtector(purpose));

    /// <exception cref="CryptographicException">There is no key to encrypt with.</exception>
    public byte[] Seal(Action<Stream> write)
    {
        using var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            write(brotli);
        }
        return _protector.Value.Protect(packed.ToArray());
    }

    /// <summary>Null when it was made under a key that is not there any more, or was changed.</summary>
    public byte[]? TryOpen(byte[] body)
    {
        try
        {
            using var packed = new MemoryStream(_protector.Value.Unprotect(body));
            using var brotli = new BrotliStream(packed, CompressionMode.Decompress);
            using var whole = new MemoryStream();
            brotli.CopyTo(whole);
            return whole.ToArray();
        }
        catch (Exception e) when (e is CryptographicException or InvalidDataException)
        {
            return null;
        }
    }
}
