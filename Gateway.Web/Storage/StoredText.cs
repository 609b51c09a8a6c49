using System.Text;

namespace Gateway.Web.Storage;

/// <summary>
/// Text as every database takes it. Clients choose some of it, such as a model's name, and a row that the database refuses
/// would hold up those after it.
/// </summary>
internal static class StoredText
{
    /// <summary>Cut to a column's length, between characters; what no text may hold is replaced by U+FFFD.</summary>
    public static string Of(string text, int maxLength)
    {
        string whole = IsPlain(text) ? text : Replaced(text);
        return whole.Length <= maxLength ? whole : whole[..(char.IsHighSurrogate(whole[maxLength - 1]) ? maxLength - 1 : maxLength)];
    }

    private static bool IsPlain(string text) => !text.Contains('\0') && !text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF');

    // PostgreSQL refuses the null character; its client refuses half of a surrogate pair.
    private static string Replaced(string text)
    {
        var replaced = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            replaced.Append(rune.Value == 0 ? Rune.ReplacementChar : rune);
        }
        return replaced.ToString();
    }
}
