using System.Security.Cryptography;
using System.Text;
using Gateway.Web.Configuration;

namespace Gateway.Web.Security;

/// <summary>
/// The key that wraps the key ring in the database: from <c>Gateway:Security:MasterKey</c>, from the file of
/// <c>Gateway:Security:MasterKeyFile</c>, or from a key file that is made in the data directory. Whoever has the database
/// but not this key can read no credential.
/// </summary>
internal sealed class MasterKey(IConfiguration configuration, GatewaySettings settings)
{
    /// <summary>In the data directory, readable by its owner only.</summary>
    public const string FileName = "gateway.key";
    private const int MinLength = 16;
    private const int Iterations = 210_000;

    private readonly Lazy<byte[]> _bytes = new(() => Derive(Read(configuration, settings)));

    /// <summary>256 bits.</summary>
    /// <exception cref="InvalidOperationException">The configured key is too short.</exception>
    /// <exception cref="IOException">The key file cannot be read or made.</exception>
    public byte[] Bytes => _bytes.Value;

    private static string Read(IConfiguration configuration, GatewaySettings settings)
    {
        string? text = configuration["Gateway:Security:MasterKey"];
        if (string.IsNullOrEmpty(text))
        {
            text = configuration["Gateway:Security:MasterKeyFile"] is { Length: > 0 } file
                ? File.ReadAllText(file).Trim()
                : ReadOrMake(Path.Combine(settings.DataDirectory, FileName));
        }
        return text.Length >= MinLength ? text : throw new InvalidOperationException(
            $"The master key (Gateway:Security:MasterKey or MasterKeyFile) has fewer than {MinLength} characters.");
    }

    private static string ReadOrMake(string file)
    {
        if (!File.Exists(file))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            // Written beside and then moved, so that a second process never sees half a key.
            string fresh = $"{file}.{Guid.NewGuid():N}";
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }
            using (var stream = new FileStream(fresh, options))
            {
                stream.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))));
                stream.Flush(flushToDisk: true);
            }
            try
            {
                File.Move(fresh, file, overwrite: false);
            }
            catch (IOException) when (File.Exists(file))
            {
                File.Delete(fresh);
            }
        }
        return File.ReadAllText(file).Trim();
    }

    // People may choose the key, so guessing it is made slow. The salt is fixed: there is one key per installation.
    private static byte[] Derive(string text) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(text), "Gateway.MasterKey.v1"u8, Iterations, HashAlgorithmName.SHA256, 32);
}
