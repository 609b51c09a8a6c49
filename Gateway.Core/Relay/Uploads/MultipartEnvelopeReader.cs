using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Gateway.Core.Catalog;

namespace Gateway.Core.Relay.Uploads;

/// <summary>Reads the envelope of a form: the same fields as in a JSON body, wherever among the files they stand.</summary>
internal static class MultipartEnvelopeReader
{
    private const int MaxFieldBytes = 4096;

    /// <summary>The envelope, or the first thing that is wrong with the body.</summary>
    /// <param name="contentType">The header, boundary and all.</param>
    /// <param name="pathModel">The model, where the path names it; it wins over one in the form.</param>
    public static GatewayError? Read(Operation operation, ReadOnlyMemory<byte> body, string contentType, string? pathModel, out RequestEnvelope envelope)
    {
        envelope = new RequestEnvelope { Operation = operation, Body = body };
        if (HeaderParameters.BoundaryOf(contentType) is not { } boundary)
        {
            return Invalid("The content type multipart/form-data must name its boundary.", null);
        }
        try
        {
            byte[] bytes = Encoding.ASCII.GetBytes(boundary);
            var reader = new MultipartReader(body.Span, bytes);
            envelope.Form = new MultipartForm(contentType, bytes, reader.FirstPart);
            var names = new HashSet<string>(StringComparer.Ordinal);
            while (reader.TryRead(out MultipartPart part))
            {
                // Lists of files and "…[]" may come several times; what the gateway reads may not.
                if (!names.Add(part.Name) && IsRead(part.Name))
                {
                    return Invalid($"The field '{part.Name}' stands twice in the form.", part.Name);
                }
                if (ReadField(envelope, part) is { } error)
                {
                    return error;
                }
            }
        }
        catch (FormatException e)
        {
            return Invalid("The request body is not a valid form: " + e.Message, null);
        }
        envelope.Model = pathModel ?? (envelope.Model.Length > 0 ? envelope.Model : operation.DefaultModel() ?? "");
        envelope.ModelJson = JsonText.Encode(envelope.Model);
        return envelope.Model.Length > 0 ? null : Invalid("You must provide a model parameter.", "model");
    }

    private static bool IsRead(string name) =>
        name is "model" or "stream" or "n" or "omni_route" or "omni_provider" or "omni_metadata" or "summary_model";

    private static GatewayError? ReadField(RequestEnvelope envelope, in MultipartPart part)
    {
        if (!IsRead(part.Name))
        {
            if (part.Name == "prompt" && !part.IsFile)
            {
                envelope.Input = part.Content;
                envelope.TextBytes += part.Content.Length;
                envelope.Messages = 1;
            }
            envelope.MediaParts += part.IsFile ? 1 : 0;
            return null;
        }
        ReadOnlySpan<byte> value = part.Content.Of(envelope.Body.Span);
        if (value.Length > MaxFieldBytes || !Utf8.IsValid(value))
        {
            return Invalid($"'{part.Name}' must be text of at most {MaxFieldBytes} bytes.", part.Name);
        }
        string text = Encoding.UTF8.GetString(value);
        switch (part.Name)
        {
            case "model":
                envelope.Model = text;
                envelope.ModelValue = part.Content;
                return text.Length > 0 ? null : Invalid("'model' must not be empty.", "model");
            case "stream":
                envelope.Stream = text is "true" or "True" or "1";
                return null;
            case "n":
                envelope.Choices = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int n) && n is >= 1 and <= 1024 ? n : 1;
                return null;
            case "omni_route":
                envelope.OmniRoute = text.Length > 0 ? text : null;
                break;
            case "omni_provider":
                envelope.OmniProvider = text.Length > 0 ? text : null;
                break;
            case "omni_metadata" when !IsObject(value):
                return Invalid("'omni_metadata' must be a JSON object.", "omni_metadata");
            case "omni_metadata":
                envelope.Metadata = part.Content;
                break;
        }
        envelope.Removals.Add(part.Whole);
        return null;
    }

    private static bool IsObject(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            bool isObject = reader.Read() && reader.TokenType == JsonTokenType.StartObject;
            while (reader.Read())
            {
            }
            return isObject;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static GatewayError Invalid(string message, string? param) => new(GatewayErrorKind.InvalidRequest, message, param);
}
