using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Web.Administration.Backups;

/// <summary>
/// A backup as a file: all of it encrypted with AES-256-GCM, under a key that PBKDF2 (RFC 8018) makes of a passphrase. What is
/// readable, when and by whom it was made, is authenticated with the rest.
/// </summary>
internal sealed record BackupFile
{
    private const string ThisFormat = "gateway-console-backup/1";

    // OWASP's recommendation for PBKDF2 with SHA-256.
    private const int Iterations = 600_000;
    private const int MostIterations = 10_000_000;
    private const int SaltBytes = 16;
    private const int KeyBytes = 32;

    // Lenient: a backup of another version may know members that this one does not.
    private static readonly JsonSerializerOptions Json = new(AdministrationJson.Options)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public required string Format { get; init; }
    public required DateTimeOffset MadeAt { get; init; }
    public required string MadeBy { get; init; }
    public required int KeyIterations { get; init; }
    public required byte[] Salt { get; init; }
    public required byte[] Nonce { get; init; }
    public required byte[] Tag { get; init; }
    public required byte[] Data { get; init; }

    /// <summary>Takes a good part of a second, on purpose.</summary>
    public static BackupFile Seal(BackupContent content, string passphrase, DateTimeOffset madeAt, string madeBy)
    {
        byte[] plain = Pack(content);
        byte[] data = new byte[plain.Length];
        byte[] tag = new byte[AesGcm.TagByteSizes.MaxSize];
        var file = new BackupFile
        {
            Format = ThisFormat,
            MadeAt = madeAt,
            MadeBy = madeBy,
            KeyIterations = Iterations,
            Salt = RandomNumberGenerator.GetBytes(SaltBytes),
            Nonce = RandomNumberGenerator.GetBytes(AesGcm.NonceByteSizes.MaxSize),
            Tag = tag,
            Data = data,
        };
        using AesGcm cipher = file.Cipher(passphrase);
        cipher.Encrypt(file.Nonce, plain, data, tag, file.Readable());
        CryptographicOperations.ZeroMemory(plain);
        return file;
    }

    /// <summary>Whether it is a file of this format, as far as can be seen without the passphrase.</summary>
    [JsonIgnore]
    public bool IsKnown =>
        Format == ThisFormat && KeyIterations is > 0 and <= MostIterations && Salt.Length > 0
        && Nonce.Length == AesGcm.NonceByteSizes.MaxSize && Tag.Length == AesGcm.TagByteSizes.MaxSize;

    /// <summary>Null when the passphrase is another, or the file was changed.</summary>
    /// <exception cref="JsonException">It holds what this version cannot read.</exception>
    public BackupContent? Open(string passphrase)
    {
        byte[] plain = new byte[Data.Length];
        try
        {
            using AesGcm cipher = Cipher(passphrase);
            cipher.Decrypt(Nonce, Data, Tag, plain, Readable());
            using var stream = new BrotliStream(new MemoryStream(plain), CompressionMode.Decompress);
            return JsonSerializer.Deserialize<BackupContent>(stream, Json);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    private static byte[] Pack(BackupContent content)
    {
        using var buffer = new MemoryStream();
        using (var stream = new BrotliStream(buffer, CompressionLevel.Optimal, leaveOpen: true))
        {
            JsonSerializer.Serialize(stream, content, Json);
        }
        return buffer.ToArray();
    }

    private AesGcm Cipher(string passphrase)
    {
        byte[] key = Rfc2898DeriveBytes.Pbkdf2(passphrase, Salt, KeyIterations, HashAlgorithmName.SHA256, KeyBytes);
        try
        {
            return new AesGcm(key, AesGcm.TagByteSizes.MaxSize);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private byte[] Readable() => Encoding.UTF8.GetBytes($"{Format}\n{MadeAt.ToUnixTimeMilliseconds()}\n{MadeBy}");
}
