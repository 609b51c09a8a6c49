using System.Buffers.Binary;
using Gateway.Core.Generation.StoredResponses;
using Microsoft.AspNetCore.DataProtection;

namespace Gateway.Web.Storage.Responses;

/// <summary>Packs the conversation and the answer for the database, compressed and encrypted.</summary>
internal sealed class ResponseBody(IDataProtectionProvider dataProtection)
{
    private readonly SealedBody _sealed = new(dataProtection, "Gateway.StoredResponses.v1");

    /// <exception cref="System.Security.Cryptography.CryptographicException">There is no key to encrypt with.</exception>
    public byte[] Pack(StoredResponse response) => _sealed.Seal(packed =>
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, response.Input.Length);
        packed.Write(length);
        packed.Write(response.Input.Span);
        packed.Write(response.Response.Span);
    });

    /// <summary>False when it was made under a key that is not there any more, or was changed.</summary>
    public bool TryUnpack(byte[] body, out ReadOnlyMemory<byte> input, out ReadOnlyMemory<byte> response)
    {
        (input, response) = (default, default);
        if (_sealed.TryOpen(body) is not { Length: >= sizeof(int) } bytes
            || BinaryPrimitives.ReadInt32LittleEndian(bytes) is var length && (length < 0 || length > bytes.Length - sizeof(int)))
        {
            return false;
        }
        (input, response) = (bytes.AsMemory(sizeof(int), length), bytes.AsMemory(sizeof(int) + length));
        return true;
    }
}
