using System.Text;
using Gateway.Core.Catalog;

namespace Gateway.Web.Endpoints.PassThrough;

/// <summary>
/// Covers a credential wherever it stands in bytes that go by, also where it is cut in two. What covers it is as long, so
/// that lengths hold; nothing waits but the few last bytes that may be its beginning.
/// </summary>
internal sealed class SecretVeil
{
    // Shorter ones may be words, and belong in what they are in.
    private const int ShortestSecret = 16;

    private readonly byte[] _secret;
    private byte[] _buffer = [];
    private int _held;

    private SecretVeil(byte[] secret) => _secret = secret;

    /// <summary>Null where there is nothing to cover.</summary>
    public static SecretVeil? Of(CredentialDefinition? credential) =>
        credential is { Secret.Length: >= ShortestSecret } ? new SecretVeil(Encoding.UTF8.GetBytes(credential.Secret)) : null;

    /// <param name="last">Nothing follows, so that nothing is held back.</param>
    /// <returns>What may go on; valid until the next call.</returns>
    public ReadOnlyMemory<byte> Cover(ReadOnlyMemory<byte> bytes, bool last)
    {
        if (_held == 0 && bytes.Span.IndexOf(_secret) < 0 && (last || BeginningAtEnd(bytes.Span) == 0))
        {
            return bytes;
        }
        int length = _held + bytes.Length;
        // A buffer of its own each time: what is held stands in the old one.
        byte[] joined = new byte[length];
        _buffer.AsSpan(_buffer.Length - _held).CopyTo(joined);
        bytes.Span.CopyTo(joined.AsSpan(_held));
        for (int at; (at = joined.AsSpan().IndexOf(_secret)) >= 0;)
        {
            joined.AsSpan(at, _secret.Length).Fill((byte)'*');
        }
        _held = last ? 0 : BeginningAtEnd(joined);
        _buffer = joined;
        return joined.AsMemory(0, length - _held);
    }

    /// <summary>How many of the last bytes the secret may begin with.</summary>
    private int BeginningAtEnd(ReadOnlySpan<byte> bytes)
    {
        for (int length = Math.Min(bytes.Length, _secret.Length - 1); length > 0; length--)
        {
            if (bytes.EndsWith(_secret.AsSpan(0, length)))
            {
                return length;
            }
        }
        return 0;
    }
}
