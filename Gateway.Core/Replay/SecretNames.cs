namespace Gateway.Core.Replay;

/// <summary>Which names of headers, query parameters and JSON fields stand for a secret, by the words they are made of.</summary>
internal static class SecretNames
{
    // One of these is enough. "tokens" is a count; "token" is not.
    private static readonly HashSet<string> Words = new(StringComparer.OrdinalIgnoreCase)
    {
        "authorization", "cookie", "secret", "password", "passwd", "passphrase", "credential", "credentials", "token", "apikey", "bearer", "jwt",
    };

    // A key of these kinds; any other key is a name for something.
    private static readonly HashSet<string> BeforeKey = new(StringComparer.OrdinalIgnoreCase)
    {
        "api", "access", "admin", "private", "secret", "subscription", "master", "account", "auth", "encryption", "signing", "service",
    };

    // Only in addresses, where short names are the custom: the seals of Azure, AWS and others.
    private static readonly HashSet<string> QueryWords = new(StringComparer.OrdinalIgnoreCase) { "ak", "sk", "key", "sig", "signature", "code", "auth", "sas" };

    public static bool IsSecret(string name)
    {
        string? before = null;
        foreach (string word in WordsOf(name))
        {
            if (Words.Contains(word) || (before is not null && BeforeKey.Contains(before) && word.Equals("key", StringComparison.OrdinalIgnoreCase)))
            {
                return true;
            }
            before = word;
        }
        return false;
    }

    public static bool IsSecretInQuery(string name) => IsSecret(name) || WordsOf(name).Any(QueryWords.Contains);

    /// <summary><c>x-api-key</c>, <c>api_key</c> and <c>apiKey</c> are made of the same two words.</summary>
    private static IEnumerable<string> WordsOf(string name)
    {
        int start = 0;
        for (int i = 0; i <= name.Length; i++)
        {
            bool separator = i == name.Length || !char.IsLetterOrDigit(name[i]);
            bool capital = !separator && i > start && char.IsUpper(name[i]) && !char.IsUpper(name[i - 1]);
            if ((separator || capital) && i > start)
            {
                yield return name[start..i];
            }
            if (separator || capital)
            {
                start = separator ? i + 1 : i;
            }
        }
    }
}
