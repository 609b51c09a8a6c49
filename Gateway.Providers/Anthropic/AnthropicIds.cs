using System.Text.RegularExpressions;

namespace Gateway.Providers.Anthropic;

/// <summary>Ids of tool calls, which Anthropic holds to <c>^[a-zA-Z0-9_-]+$</c>.</summary>
internal static partial class AnthropicIds
{
    /// <summary>The same for the same id, so that calls and results still find each other.</summary>
    public static string Clean(string id) => id.Length == 0 ? "call" : Refused().Replace(id, "_");

    [GeneratedRegex("[^a-zA-Z0-9_-]")]
    private static partial Regex Refused();
}
