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
    private static readonly TimeSpan WriteTime = TimeSpan.FromSeconds(5);

    // What cannot be read now can be later: a failure is not kept.
    private readonly Lazy<byte[]> _bytes = new(() => Derive(Read(configuration, settings)), LazyThreadSafetyMode.PublicationOnly);

    /// <summary>256 bits.</summary>
    /// <exception cref="InvalidOperationException">The configured key is too short.</exception>
    /// <exception cref="IOException">The key file cannot be read or made.</exception>
    public byte[] Bytes => _bytes.Value;

    /// <summary>Why the key that is configured cannot be used, so that it is told at the start and not by the first secret; null if it can, or if none is.</summary>
    public static string? ProblemOf(string? text, string? file)
    {
        if (!string.IsNullOrEmpty(text) || string.IsNullOrEmpty(file))
        {
            // One of blanks is told of as any secret that is set to nothing.
            return !string.IsNullOrWhiteSpace(text) && text.Length < MinLength ? $"Gateway:Security:MasterKey has fewer than {MinLength} characters." : null;
        }
        try
        {
            return File.ReadAllText(file).Trim().Length < MinLength ? $"The file {file} (Gateway:Security:MasterKeyFile) has fewer than {MinLength} characters." : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"The file {file} (Gateway:Security:MasterKeyFile) cannot be read: {e.Message}";
        }
    }

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
            $"The master key (Gateway:Security:MasterKey, MasterKeyFile, or {FileName} in the data directory) has fewer than {MinLength} characters." +
            (text.Length == 0 ? $" An empty {FileName} is what a process leaves that is stopped while it makes one: put the key of a backup there, or remove the file if there is none." : ""));
    }

    /// <summary>The key of the file, which is made if there is none, once if several processes ask at once.</summary>
    /// <returns>Base64 of 256 random bits if it was made; nothing if who made it was stopped before it was written.</returns>
    /// <exception cref="IOException">The file cannot be read or made.</exception>
    internal static string ReadOrMake(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        // Whoever makes the file makes the key. Only creating a file is exclusive everywhere: File.Move without overwriting
        // asks whether there is one and then renames, and of two processes that start at once both may find none.
        // Shared with readers: where locks are a second step after opening (Unix), one who reads in between would take the
        // lock of a file that nobody writes then.
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.Read };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        if (!File.Exists(file))
        {
            try
            {
                using var stream = new FileStream(file, options);
                WriteNew(stream);
            }
            catch (IOException) when (File.Exists(file))
            {
                // Another process was first: its key is ours.
            }
        }
        return ReadWhole(file);
    }

    private static void WriteNew(FileStream stream)
    {
        try
        {
            stream.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))));
            stream.Flush(flushToDisk: true);
        }
        catch
        {
            // A full disk must not leave a file that is taken for a key at the next start.
            File.Delete(stream.Name);
            throw;
        }
    }

    // The process that made the file may be about to write it.
    private static string ReadWhole(string file)
    {
        string text = "";
        return SpinWait.SpinUntil(() => (text = ReadIfWritten(file)).Length > 0, WriteTime) ? text : File.ReadAllText(file).Trim();
    }

    private static string ReadIfWritten(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (IOException)
        {
            return "";
        }
    }

    // People may choose the key, so guessing it is made slow. The salt is fixed: there is one key per installation.
    private static byte[] Derive(string text) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(text), "Gateway.MasterKey.v1"u8, Iterations, HashAlgorithmName.SHA256, 32);
}
