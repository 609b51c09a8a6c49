using System.Text;

namespace Gateway.Core.Relay.Uploads;

/// <summary>A part of a form with what its headers say. Valid as long as the request's body is.</summary>
/// <param name="FileName">As the client named it; null where the part is no file.</param>
/// <param name="MediaType">Without parameters; null if the part names none.</param>
public sealed record FormPart(string Name, ReadOnlyMemory<byte> Content, string? FileName, string? MediaType)
{
    /// <summary>The content as text.</summary>
    public string Text => Encoding.UTF8.GetString(Content.Span);

    /// <summary>All parts of a form that has been read once already.</summary>
    /// <exception cref="FormatException">The body is not that form.</exception>
    internal static IReadOnlyList<FormPart> ReadAll(ReadOnlyMemory<byte> body, MultipartForm form)
    {
        var parts = new List<FormPart>();
        var reader = new MultipartReader(body.Span, form.Boundary);
        while (reader.TryRead(out MultipartPart part))
        {
            (string? fileName, string? mediaType) = ReadHeaders(Encoding.UTF8.GetString(part.Headers.Of(body.Span)));
            parts.Add(new FormPart(part.Name, body.Slice(part.Content.Start, part.Content.Length), fileName, mediaType));
        }
        return parts;
    }

    private static (string? FileName, string? MediaType) ReadHeaders(string headers)
    {
        (string? fileName, string? mediaType) = (null, null);
        foreach (string line in headers.Split("\r\n", StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("content-disposition:", StringComparison.OrdinalIgnoreCase))
            {
                fileName = HeaderParameters.Of(line).Where(p => p.Key.StartsWith("filename", StringComparison.OrdinalIgnoreCase)).Select(p => p.Value).FirstOrDefault();
            }
            else if (line.StartsWith("content-type:", StringComparison.OrdinalIgnoreCase))
            {
                mediaType = line["content-type:".Length..].Split(';')[0].Trim();
            }
        }
        return (fileName, mediaType);
    }
}
