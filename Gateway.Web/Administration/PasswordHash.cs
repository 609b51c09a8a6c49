using System.Globalization;
using System.Security.Cryptography;

namespace Gateway.Web.Administration;

/// <summary>A password as <c>pbkdf2-sha512$iterations$salt$hash</c>, the last two in base64.</summary>
internal static class PasswordHash
{
    private const string Scheme = "pbkdf2-sha512";
    private const int Iterations = 210_000;
    private const int SaltBytes = 16;
    private const int HashBytes = 32;

    public static string Make(string password)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return $"{Scheme}${Iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(Derive(password, salt, Iterations))}";
    }

    /// <summary>False for a wrong password and for a text that is no hash.</summary>
    public static bool Verify(string password, string hash)
    {
        string[] parts = hash.Split('$');
        return parts is [Scheme, var iterations, var salt, var expected]
            && int.TryParse(iterations, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0
            && CryptographicOperations.FixedTimeEquals(Derive(password, Convert.FromBase64String(salt), count), Convert.FromBase64String(expected));
    }

    private static byte[] Derive(string password, byte[] salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA512, HashBytes);
}
