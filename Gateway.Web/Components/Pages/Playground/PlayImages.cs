using Microsoft.AspNetCore.Components.Forms;

namespace Gateway.Web.Components.Pages.Playground;

/// <summary>A picture that is to be sent with the next question.</summary>
internal sealed record PlayImage(string Name, string Url);

/// <summary>Takes pictures in: few, small, and only of the kinds that models read.</summary>
internal static class PlayImages
{
    public const int Most = 4;
    public const long MostBytes = 4 * 1024 * 1024;
    public const string Accepted = "image/png,image/jpeg,image/webp,image/gif";

    /// <summary>The picture, or why it is not taken.</summary>
    public static async Task<(PlayImage? Image, string? Problem)> ReadAsync(IBrowserFile file)
    {
        if (!Accepted.Split(',').Contains(file.ContentType))
        {
            return (null, $"{file.Name} is no PNG, JPEG, WebP or GIF.");
        }
        if (file.Size > MostBytes)
        {
            return (null, $"{file.Name} is larger than {MostBytes / 1024 / 1024} MiB.");
        }
        try
        {
            using var bytes = new MemoryStream((int)file.Size);
            await using Stream stream = file.OpenReadStream(MostBytes);
            await stream.CopyToAsync(bytes);
            return (new PlayImage(file.Name, $"data:{file.ContentType};base64,{Convert.ToBase64String(bytes.GetBuffer(), 0, (int)bytes.Length)}"), null);
        }
        catch (IOException)
        {
            return (null, $"{file.Name} could not be read.");
        }
    }
}
