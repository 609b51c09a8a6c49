using Gateway.Core.Catalog;

namespace Gateway.Core.Generation.Parts;

/// <summary>Where a medium's bytes are: exactly one of <see cref="Data"/>, <see cref="Url"/>, <see cref="FileId"/> and <see cref="Text"/> is set.</summary>
public sealed record MediaSource
{
    /// <summary>For example <c>image/png</c>; null if unknown.</summary>
    public string? MediaType { get; init; }

    /// <summary>Base64, as it came.</summary>
    public string? Data { get; init; }

    /// <summary>http(s), or a vendor's storage scheme (<c>gs:</c>, <c>s3:</c>); never <c>data:</c>, which is read into <see cref="Data"/>.</summary>
    public string? Url { get; init; }

    /// <summary>The id of a file at the vendor of <see cref="Owner"/>; no other vendor knows it.</summary>
    public string? FileId { get; init; }
    public Wire? Owner { get; init; }

    /// <summary>A document given as plain text.</summary>
    public string? Text { get; init; }

    /// <summary>Reads <c>data:{type};base64,{data}</c>; anything else becomes <see cref="Url"/>.</summary>
    public static MediaSource OfUrl(string url)
    {
        const string Marker = ";base64,";
        int at = url.StartsWith("data:", StringComparison.OrdinalIgnoreCase) ? url.IndexOf(Marker, StringComparison.OrdinalIgnoreCase) : -1;
        return at < 0
            ? new MediaSource { Url = url }
            : new MediaSource { MediaType = at > 5 ? url[5..at].Split(';')[0] : null, Data = url[(at + Marker.Length)..] };
    }

    /// <summary>As a URL: the URL itself, or the data as <c>data:</c>; null when there is neither.</summary>
    public string? ToUrl(string defaultMediaType) => Url ?? (Data is null ? null : $"data:{MediaType ?? defaultMediaType};base64,{Data}");
}
