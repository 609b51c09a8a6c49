using System.Buffers;
using System.Text.Json;
using Gateway.Core.Relay;

namespace Gateway.Core.Guardrails;

/// <summary>Looks for banned words in a request: in every text of its body but those that no model reads as text.</summary>
internal static class RequestGuard
{
    private static readonly GatewayError Refusal = new(
        GatewayErrorKind.ContentFiltered, "The request holds something that this gateway does not pass on. Word it differently.");

    private static readonly GatewayError Unreadable = new(
        GatewayErrorKind.InvalidJson, "The request body holds text that is not valid Unicode.");

    /// <summary>Null when there is none.</summary>
    public static GatewayError? Check(BannedWords words, RequestEnvelope envelope)
    {
        var reader = new Utf8JsonReader(envelope.Body.Span, new JsonReaderOptions { MaxDepth = 128 });
        var scan = new WordScan(words);
        char[]? rented = null;
        try
        {
            bool skipped = false;
            bool data = false;
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName)
                {
                    data = reader.ValueTextEquals("data"u8) || reader.ValueTextEquals("file_data"u8);
                    skipped = IsNoText(ref reader);
                    if (skipped && IsOpaque(ref reader))
                    {
                        reader.Skip();
                    }
                    continue;
                }
                // A document may be given as data that is text; base64 has no blanks.
                skipped |= data && reader.TokenType == JsonTokenType.String && !reader.ValueSpan.Contains((byte)' ');
                if (reader.TokenType == JsonTokenType.String && !skipped && Holds(scan, ref reader, ref rented))
                {
                    return Refusal;
                }
                (skipped, data) = (false, false);
            }
            return null;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair: what it would be read as upstream is anybody's guess.
            return Unreadable;
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<char>.Shared.Return(rented);
            }
        }
    }

    private static bool Holds(WordScan scan, ref Utf8JsonReader reader, ref char[]? rented)
    {
        int length = reader.ValueSpan.Length;
        if (rented is null || rented.Length < length)
        {
            if (rented is not null)
            {
                ArrayPool<char>.Shared.Return(rented);
                // Not a second time, should there be no memory for a larger one.
                rented = null;
            }
            rented = ArrayPool<char>.Shared.Rent(Math.Max(length, 1024));
        }
        return scan.Read(rented.AsSpan(0, reader.CopyString(rented))) || scan.End();
    }

    // Names, ids and kinds, which are set by programs; and what is no text at all: addresses and signatures.
    private static bool IsNoText(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("role"u8) || reader.ValueTextEquals("type"u8) || reader.ValueTextEquals("model"u8) || reader.ValueTextEquals("id"u8)
        || reader.ValueTextEquals("call_id"u8) || reader.ValueTextEquals("tool_call_id"u8) || reader.ValueTextEquals("tool_use_id"u8)
        || reader.ValueTextEquals("url"u8) || reader.ValueTextEquals("image_url"u8)
        || reader.ValueTextEquals("file_id"u8) || reader.ValueTextEquals("fileUri"u8)
        || reader.ValueTextEquals("mimeType"u8) || reader.ValueTextEquals("mime_type"u8) || reader.ValueTextEquals("media_type"u8)
        || reader.ValueTextEquals("signature"u8) || reader.ValueTextEquals("thoughtSignature"u8) || reader.ValueTextEquals("encrypted_content"u8)
        || reader.ValueTextEquals("previous_response_id"u8) || reader.ValueTextEquals("prompt_cache_key"u8)
        || reader.ValueTextEquals("safety_identifier"u8) || IsOpaque(ref reader);

    // Only the gateway's and the vendor's books hold these, whatever is in them.
    private static bool IsOpaque(ref Utf8JsonReader reader) =>
        reader.CurrentDepth == 1 && (reader.ValueTextEquals("metadata"u8) || reader.ValueTextEquals("user"u8)
            || reader.ValueTextEquals("omni_metadata"u8) || reader.ValueTextEquals("omni_route"u8) || reader.ValueTextEquals("omni_provider"u8)
            || reader.ValueTextEquals("summary_model"u8));
}
