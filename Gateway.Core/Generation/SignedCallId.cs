using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Gateway.Core.Generation.Parts;

namespace Gateway.Core.Generation;

/// <summary>
/// Gemini signs tool calls and refuses to go on without the signature; no other wire has a place for one. A call's id is what
/// every client sends back, with the call and with its result: so the signature travels in it, through clients of other wires,
/// and no upstream ever sees such an id. Written in the letters that all wires take in ids.
/// </summary>
public static class SignedCallId
{
    // Then "b" (the signature is base64, as Gemini's are) or "t", the id's length, and both of them.
    private const string Mark = "gw-call-";

    /// <summary>The id as a client of another wire gets it.</summary>
    /// <param name="signature">Null for none: the id stays as it is.</param>
    public static string Write(string id, string? signature)
    {
        if (signature is null)
        {
            return id;
        }
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(signature.Length)];
        bool base64 = Convert.TryFromBase64String(signature, bytes, out int length) && Convert.ToBase64String(bytes, 0, length) == signature;
        string text = Base64Url.EncodeToString(base64 ? bytes.AsSpan(0, length) : Encoding.UTF8.GetBytes(signature));
        return string.Create(CultureInfo.InvariantCulture, $"{Mark}{(base64 ? 'b' : 't')}{id.Length}-{id}{text}");
    }

    /// <summary>Undoes <see cref="Write"/>; an id without a signature comes back as it is.</summary>
    public static (string Id, string? Signature) Read(string text)
    {
        if (!text.StartsWith(Mark, StringComparison.Ordinal) || text.Length == Mark.Length || text[Mark.Length] is not ('b' or 't'))
        {
            return (text, null);
        }
        int dash = text.IndexOf('-', Mark.Length);
        if (dash < 0
            || !int.TryParse(text.AsSpan(Mark.Length + 1, dash - Mark.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int length)
            || length > text.Length - dash - 1
            || !Base64Url.IsValid(text.AsSpan(dash + 1 + length)))
        {
            return (text, null);
        }
        byte[] bytes = Base64Url.DecodeFromChars(text.AsSpan(dash + 1 + length));
        return (text.Substring(dash + 1, length), text[Mark.Length] == 'b' ? Convert.ToBase64String(bytes) : Encoding.UTF8.GetString(bytes));
    }

    /// <summary>Whether a body may hold such an id.</summary>
    public static bool MayBeIn(ReadOnlySpan<byte> body) => body.IndexOf("\"gw-call-"u8) >= 0;

    /// <summary>The messages that a client sent with their calls' own ids and signatures; what changes is no longer its raw form.</summary>
    public static IReadOnlyList<Message> Restore(IReadOnlyList<Message> messages) =>
        messages.Any(m => m.Parts.Any(IsMarked)) ? [.. messages.Select(Restore)] : messages;

    private static Message Restore(Message message) =>
        message.Parts.Any(IsMarked) ? message with { Parts = [.. message.Parts.Select(Restore)], Raw = null } : message;

    private static bool IsMarked(Part part) => part switch
    {
        ToolCallPart call => call.Id.StartsWith(Mark, StringComparison.Ordinal),
        ToolResultPart result => result.CallId.StartsWith(Mark, StringComparison.Ordinal),
        _ => false,
    };

    private static Part Restore(Part part)
    {
        switch (part)
        {
            case ToolCallPart call:
                (string id, string? signature) = Read(call.Id);
                return call with { Id = id, Signature = call.Signature ?? signature };
            case ToolResultPart result:
                return result with { CallId = Read(result.CallId).Id };
            default:
                return part;
        }
    }
}
