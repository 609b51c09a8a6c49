using System.Security.Cryptography;
using System.Text;

namespace Gateway.Providers.Bedrock.Converse;

/// <summary>Ids and names of tools: 1 to 64 of letters, digits, <c>_</c> and <c>-</c>; in ids <c>.</c> and <c>:</c> too.</summary>
internal static class ConverseIds
{
    private const int Longest = 64;

    /// <summary>The id itself where it fits, else one that does, always the same for the same id.</summary>
    public static string Fit(string id) => Fit(id, static c => IsTaken(c) || c is '.' or ':');

    /// <summary>As <see cref="Fit(string)"/>, for names.</summary>
    public static string FitName(string name) => Fit(name, IsTaken);

    private static string Fit(string text, Func<char, bool> isTaken)
    {
        if (text.Length is > 0 and <= Longest && text.All(isTaken))
        {
            return text;
        }
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 8));
        string start = string.Concat(text.Where(isTaken).Take(Longest - hash.Length - 1));
        return $"{start}_{hash}";
    }

    private static bool IsTaken(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-';
}
