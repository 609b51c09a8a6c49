using Gateway.Core.Relay.Uploads;

namespace Gateway.Providers.OpenAI;

/// <summary>What an uploaded file is: OpenAI itself goes by its name, and clients often say no more than <c>application/octet-stream</c>.</summary>
internal static class MediaTypes
{
    private static readonly Dictionary<string, string> ByEnding = new(StringComparer.OrdinalIgnoreCase)
    {
        [".png"] = "image/png",
        [".jpg"] = "image/jpeg",
        [".jpeg"] = "image/jpeg",
        [".webp"] = "image/webp",
        [".mp3"] = "audio/mp3",
        [".mpga"] = "audio/mp3",
        [".mpeg"] = "audio/mp3",
        [".mp4"] = "audio/mp4",
        [".m4a"] = "audio/mp4",
        [".wav"] = "audio/wav",
        [".webm"] = "audio/webm",
        [".ogg"] = "audio/ogg",
        [".oga"] = "audio/ogg",
        [".flac"] = "audio/flac",
        [".aac"] = "audio/aac",
    };

    /// <param name="kind"><c>image/</c> or <c>audio/</c>.</param>
    /// <param name="otherwise">Where neither the part nor its name says.</param>
    public static string Of(FormPart file, string kind, string otherwise) =>
        ByEnding.TryGetValue(Path.GetExtension(file.FileName ?? ""), out string? named) && named.StartsWith(kind, StringComparison.Ordinal) ? named
        : file.MediaType is { } said && said.StartsWith(kind, StringComparison.OrdinalIgnoreCase) ? said
        : otherwise;
}
