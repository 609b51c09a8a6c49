using System.Text.RegularExpressions;

namespace Gateway.Core.Replay;

/// <summary>Finds secrets in the middle of text, by the forms that vendors give their keys.</summary>
internal static partial class SecretText
{
    public const string Mark = "<redacted:key>";

    /// <summary>The text with its keys replaced; the same object when there are none.</summary>
    public static string Redact(string text) => text.Length < 16 ? text : Keys().Replace(text, Mark);

    // OpenAI, Anthropic and OpenRouter; this gateway; Google; AWS; Groq; xAI; GitHub; a bearer's token; a JSON web token.
    [GeneratedRegex(
        @"\bsk-[A-Za-z0-9_-]{16,}|\bml-[A-Za-z0-9_-]{20,}|\bAIza[A-Za-z0-9_-]{30,}|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bgsk_[A-Za-z0-9]{20,}|\bxai-[A-Za-z0-9_-]{20,}"
        + @"|\bgh[pousr]_[A-Za-z0-9]{20,}|(?<=\bBearer\s)[A-Za-z0-9._~+/-]{16,}=*|\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+",
        RegexOptions.CultureInvariant)]
    private static partial Regex Keys();
}
