using System.Text.RegularExpressions;

namespace Gateway.Web.Components.Pages.Playground;

/// <summary>Leaves the bytes of pictures out of what is shown, so that the rest can be read.</summary>
internal static partial class LongData
{
    private const int MostShown = 200_000;

    public static string Shorten(string text)
    {
        string shorter = text.Length < 400 ? text : Base64().Replace(text, m => $"{m.Value[..24]}…({m.Length} characters)");
        return shorter.Length <= MostShown ? shorter : $"{shorter[..MostShown]}\n… ({shorter.Length - MostShown} characters more)";
    }

    [GeneratedRegex("[A-Za-z0-9+/]{400,}={0,2}")]
    private static partial Regex Base64();
}
