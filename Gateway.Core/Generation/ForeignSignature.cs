using Gateway.Core.Catalog;

namespace Gateway.Core.Generation;

/// <summary>
/// Lets a vendor's signature travel through a client that speaks another wire: written there with its origin's name before
/// it, recognised when the client sends it back in the next turn, and then sent to its origin as it was.
/// </summary>
public static class ForeignSignature
{
    private const string Mark = "gw.";

    /// <summary>The signature as the client's wire gets it: as it is when it is that wire's own.</summary>
    public static string Wrap(Wire? origin, Wire client, string signature) =>
        origin is null || origin == client ? signature : $"{Mark}{origin.Value.ToName()}.{signature}";

    /// <summary>
    /// Whether a body may hold one, and must not go on as bytes even to an upstream of its own wire, which would refuse it.
    /// Where clients put them is their wire's affair; that a text begins with the mark is enough to look closer.
    /// </summary>
    /// <param name="wire">The client's; Gemini's signatures are base64, and so is the mark on them.</param>
    public static bool MayBeIn(Wire wire, ReadOnlySpan<byte> body) => wire switch
    {
        Wire.Gemini => body.IndexOf("\"Z3cu"u8) >= 0,
        // Chat servers do not look at thoughts that come back; at ids that are too long they do.
        Wire.OpenAIChat => SignedCallId.MayBeIn(body),
        _ => body.IndexOf("\"gw."u8) >= 0 || SignedCallId.MayBeIn(body),
    };

    /// <summary>Undoes <see cref="Wrap"/>.</summary>
    /// <returns>The wire that made it and the signature itself.</returns>
    public static (Wire Origin, string Signature) Unwrap(Wire client, string text)
    {
        if (text.StartsWith(Mark, StringComparison.Ordinal)
            && text.IndexOf('.', Mark.Length) is > 0 and var dot
            && Wires.TryParse(text[Mark.Length..dot], out Wire origin))
        {
            return (origin, text[(dot + 1)..]);
        }
        return (client, text);
    }
}
