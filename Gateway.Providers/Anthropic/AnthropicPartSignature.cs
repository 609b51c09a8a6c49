using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Anthropic;

/// <summary>
/// Gemini signs texts and tool calls, and wants the signature back with them; blocks of this wire have no place for one. A
/// call's travels in its id (<see cref="SignedCallId"/>); a text's, and a call's that came after its beginning, as a
/// <c>redacted_thinking</c> block right after the block it belongs to: clients send those back as they are.
/// </summary>
internal static class AnthropicPartSignature
{
    private const string Mark = "gw.part.";

    public static string ToData(string signature) => Mark + signature;

    public static string? Of(Part part) => part switch
    {
        TextPart text => text.Signature,
        ToolCallPart call => call.Signature,
        MediaPart media => media.Signature,
        _ => null,
    };

    /// <summary>Gives the signature back to the last of the parts; false when the data is something else.</summary>
    public static bool Restore(string? data, List<Part> parts)
    {
        if (data is null || !data.StartsWith(Mark, StringComparison.Ordinal))
        {
            return false;
        }
        string signature = data[Mark.Length..];
        if (parts.Count > 0)
        {
            parts[^1] = parts[^1] switch
            {
                TextPart text => text with { Signature = signature },
                ToolCallPart call => call with { Signature = signature },
                var other => other,
            };
        }
        return true;
    }
}
