namespace Gateway.Web.Components.Controls;

/// <summary>Names in one line of a form, with commas or line breaks between.</summary>
internal static class CommaList
{
    public static string[] Split(string text) => text.Split([',', '\n'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
