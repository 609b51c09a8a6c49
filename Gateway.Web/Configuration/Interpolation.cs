using System.Text.RegularExpressions;

namespace Gateway.Web.Configuration;

/// <summary>
/// Puts environment variables into texts of a file: <c>${NAME}</c>, or <c>${NAME:-default}</c> for one that may be missing
/// or empty. Without a default a missing one is empty, which counts as not set. <c>$${</c> is a literal <c>${</c>.
/// </summary>
internal static partial class Interpolation
{
    public static string Expand(string text, Func<string, string?> variable) =>
        text.Contains("${", StringComparison.Ordinal)
            ? Pattern().Replace(text, m => m.Groups["escaped"].Success ? "${" : Value(m, variable))
            : text;

    /// <summary>The variables that the text asks for.</summary>
    public static IEnumerable<string> Variables(string text) =>
        Pattern().Matches(text).Where(m => !m.Groups["escaped"].Success).Select(m => m.Groups["name"].Value);

    /// <summary>The variable that the text is and nothing beside; null where it is more or something else.</summary>
    public static string? TheVariable(string text) =>
        Pattern().Match(text) is { Success: true } m && m.Length == text.Length && !m.Groups["escaped"].Success && !m.Groups["default"].Success
            ? m.Groups["name"].Value : null;

    private static string Value(Match match, Func<string, string?> variable)
    {
        string? value = variable(match.Groups["name"].Value);
        return string.IsNullOrEmpty(value) ? match.Groups["default"].Value : value;
    }

    [GeneratedRegex(@"(?<escaped>\$\$\{)|\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)(:-(?<default>[^}]*))?\}", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
