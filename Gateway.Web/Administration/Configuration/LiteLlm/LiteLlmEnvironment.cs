using System.Text.Json.Nodes;
using Gateway.Web.Configuration;
using static Gateway.Web.Administration.Configuration.LiteLlm.LiteLlmYaml;

namespace Gateway.Web.Administration.Configuration.LiteLlm;

/// <summary>
/// Values that stand in LiteLLM's environment: <c>os.environ/NAME</c>, and <c>${NAME}</c> in files that are filled in before it reads
/// them. Those that are no secrets cannot be asked for when a draft is applied. One that nobody knows becomes <c>${NAME}</c> where it is
/// needed: the draft says that its value is to be written there, and is not applied before.
/// </summary>
/// <param name="given">Values by variable, from whoever imports the file.</param>
/// <param name="written">Those that the file itself sets.</param>
internal sealed class LiteLlmEnvironment(IReadOnlyDictionary<string, string> given, JsonObject? written, LiteLlmReport report)
{
    private const string Prefix = "os.environ/";

    /// <summary>The variables of a text with a line <c>NAME=value</c> for each, as an .env file has them.</summary>
    public static Dictionary<string, string> Read(string lines)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in lines.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string text = line.StartsWith("export ", StringComparison.Ordinal) ? line["export ".Length..] : line;
            if (text[0] != '#' && text.IndexOf('=') is > 0 and var equals)
            {
                variables[text[..equals].TrimEnd()] = text[(equals + 1)..].Trim().Trim('"', '\'');
            }
        }
        return variables;
    }

    /// <summary>The variable that the text is; null where it is something else, or holds one among other text.</summary>
    public static string? NameOf(string text) =>
        text.StartsWith(Prefix, StringComparison.Ordinal) ? SecretPlaceholders.VariableOf(text[Prefix.Length..])
        : text.StartsWith("${", StringComparison.Ordinal) && text.EndsWith('}') && Interpolation.Variables(text).ToArray() is [var only] ? only
        : null;

    /// <summary>Whether something of it is still to be written down.</summary>
    public static bool IsOpen(string text) => Interpolation.Variables(text).Any();

    /// <summary>The text with the values of its variables, or with those that nobody knows in the form of a draft.</summary>
    public string Open(string text) =>
        text.StartsWith(Prefix, StringComparison.Ordinal) ? Value(NameOf(text)!) : Interpolation.Expand(text, Value);

    /// <summary>The value of a variable that LiteLLM looks for by itself.</summary>
    public string Value(string name)
    {
        if (given.TryGetValue(name, out string? value) && value.Length > 0)
        {
            return value;
        }
        if (Text(written?[name]) is { } own && NameOf(own) is null)
        {
            report.Mapped($"environment_variables.{name}", "Put in where deployments take it from their environment.");
            return own;
        }
        return SecretPlaceholders.Text(name);
    }
}
