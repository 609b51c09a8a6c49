using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using Gateway.Core.Generation.StoredResponses;
using Microsoft.AspNetCore.DataProtection;

namespace Gateway.Web.Storage.Responses;

/// <summary>
/// Packs the conversation and the answer for the database: compressed, since most of it is JSON that repeats itself, then
/// encrypted with the key ring that credentials are encrypted with.
/// </summary>
internal sealed class ResponseBody(IDataProtectionProvider dataProtection)
{
    private readonly Lazy<IDataProtector> _protector = new(() => dataProtection.CreateProtector("Gateway.StoredResponses.v1"));

    /// <exception cref="CryptographicException">There is no key to encrypt with.</exception>
    public byte[] Pack(StoredResponse response)
    {
        using var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            Span<byte> length = stackalloc byte[sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(length, response.Input.Length);
            brotli.Write(length);
            brotli.Write(response.Input.Span);
            brotli.Write(response.Response.Span);
        }
        return _protector.Value.Protect(packed.ToArray());
    }

    /// <summary>False when it was made under a key that is not there any more, or was changed.</summary>
    public bool TryUnpack(byte[] body, out ReadOnlyMemory<byte> input, out ReadOnlyMemory<byte> response)
    {
        (input, response) = (default, default);
        try
        {
            using var packed = new MemoryStream(_protector.Value.Unprotect(body));
            using var brotli = new BrotliStream(packed, CompressionMode.Decompress);
            using var whole = new MemoryStream();
            brotli.CopyTo(whole);
            ReadOnlyMemory<byte> bytes = whole.ToArray();
            int length = BinaryPrimitives.ReadInt32LittleEndian(bytes.Span);
            input = bytes.Slice(sizeof(int), length);
            response = bytes[(sizeof(int) + length)..];
            return true;
        }
        catch (Exception e) when (e is CryptographicException or InvalidDataException or ArgumentOutOfRangeException)
        {
            return false;
        }
    }
}
