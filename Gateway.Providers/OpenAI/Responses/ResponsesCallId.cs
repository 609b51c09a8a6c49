using System.Diagnostics.CodeAnalysis;

namespace Gateway.Providers.OpenAI.Responses;

/// <summary>
/// Ids of the items that hold tool calls. Clients send items back as they got them, and an item's id is theirs alone to
/// repeat: so it is where the signature travels that Gemini attaches to a call and refuses to go on without.
/// </summary>
internal static class ResponsesCallId
{
    private const string Mark = "fc_gw.";

    /// <param name="id">A fresh id.</param>
    /// <param name="signature">Null for none.</param>
    public static string Write(string id, string? signature) => signature is null ? id : Mark + signature;

    public static bool TryReadSignature(string id, [NotNullWhen(true)] out string? signature)
    {
        signature = id.StartsWith(Mark, StringComparison.Ordinal) ? id[Mark.Length..] : null;
        return signature is not null;
    }
}
