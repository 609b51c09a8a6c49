using System.Text;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Gemini;

/// <summary>
/// <c>thoughtSignature</c> is a field of bytes: clients decode its base64. So another vendor's signature travels through a
/// Gemini client (see <see cref="ForeignSignature"/>) as the base64 of its marked form.
/// </summary>
internal static class GeminiSignatures
{
    /// <summary>
    /// What Google documents for turns that no Gemini model made (<c>skip_thought_signature_validator</c>): Gemini 3 refuses a
    /// function call in the history that has no signature. Source: ai.google.dev, "Thought signatures".
    /// </summary>
    public const string Unchecked = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=";

    // Base64 of "gw.": three bytes, so the beginning is the same whatever follows.
    private const string Mark = "Z3cu";
    private const string Redacted = "redacted.";

    public static string ToClient(Wire? origin, string signature, bool redacted) => origin is null or Wire.Gemini
        ? signature
        : Convert.ToBase64String(Encoding.UTF8.GetBytes(ForeignSignature.Wrap(origin, Wire.Gemini, redacted ? Redacted + signature : signature)));

    /// <summary>A reasoning part with the signature that a client sent back; on anything but reasoning only Google's own make sense.</summary>
    public static ReasoningPart FromClient(string text)
    {
        var bytes = new byte[text.StartsWith(Mark, StringComparison.Ordinal) ? text.Length : 0];
        if (bytes.Length == 0 || !Convert.TryFromBase64String(GeminiMedia.StandardBase64(text), bytes, out int length))
        {
            return new ReasoningPart("") { Origin = Wire.Gemini, Signature = text };
        }
        (Wire origin, string signature) = ForeignSignature.Unwrap(Wire.Gemini, Encoding.UTF8.GetString(bytes, 0, length));
        return origin == Wire.Gemini ? new ReasoningPart("") { Origin = Wire.Gemini, Signature = text }
            : signature.StartsWith(Redacted, StringComparison.Ordinal)
            ? new ReasoningPart("") { Origin = origin, Signature = signature[Redacted.Length..], Redacted = true }
            : new ReasoningPart("") { Origin = origin, Signature = signature };
    }
}
