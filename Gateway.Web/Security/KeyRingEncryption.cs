using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;

namespace Gateway.Web.Security;

/// <summary>Wraps the key ring's elements with AES-256-GCM under the master key.</summary>
internal sealed class KeyRingEncryptor(MasterKey master) : IXmlEncryptor
{
    internal const int NonceBytes = 12;
    internal const int TagBytes = 16;

    internal static ReadOnlySpan<byte> Purpose => "Gateway.KeyRing.v1"u8;

    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        byte[] plain = Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting));
        byte[] wrapped = new byte[NonceBytes + TagBytes + plain.Length];
        Span<byte> nonce = wrapped.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(master.Bytes, TagBytes);
        aes.Encrypt(nonce, plain, wrapped.AsSpan(NonceBytes + TagBytes), wrapped.AsSpan(NonceBytes, TagBytes), Purpose);
        CryptographicOperations.ZeroMemory(plain);
        return new EncryptedXmlInfo(new XElement("wrapped", Convert.ToBase64String(wrapped)), typeof(KeyRingDecryptor));
    }
}

/// <summary>The reverse; Data Protection makes it by its name, which is stored with the element: do not rename it.</summary>
internal sealed class KeyRingDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement)
    {
        byte[] wrapped = Convert.FromBase64String(encryptedElement.Value);
        byte[] plain = new byte[wrapped.Length - KeyRingEncryptor.NonceBytes - KeyRingEncryptor.TagBytes];
        using var aes = new AesGcm(services.GetRequiredService<MasterKey>().Bytes, KeyRingEncryptor.TagBytes);
        aes.Decrypt(
            wrapped.AsSpan(0, KeyRingEncryptor.NonceBytes),
            wrapped.AsSpan(KeyRingEncryptor.NonceBytes + KeyRingEncryptor.TagBytes),
            wrapped.AsSpan(KeyRingEncryptor.NonceBytes, KeyRingEncryptor.TagBytes),
            plain,
            KeyRingEncryptor.Purpose);
        return XElement.Parse(Encoding.UTF8.GetString(plain));
    }
}
