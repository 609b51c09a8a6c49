using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.Web.Configuration;
using YamlDotNet.RepresentationModel;

namespace Gateway.Web.Administration.Configuration;

/// <summary>A draft's YAML as text: where secrets stand in it, and whether one is written down.</summary>
internal static partial class DraftText
{
    public const string NoSecrets =
        "A secret is not written down here: put a variable such as ${OPENAI_API_KEY}; its value is asked for when the draft is applied.";

    /// <summary>A secret in the clear, which is not to be kept; null when there is none.</summary>
    public static DraftProblem? WrittenSecret(string yaml)
    {
        if (!YamlText.TryParse(yaml, out YamlNode? root, out _))
        {
            // What is not YAML yet is looked at line by line.
            Match written = Written().Match(yaml);
            return written.Success ? new DraftProblem(1 + yaml.AsSpan(0, written.Groups["value"].Index).Count('\n'), "", NoSecrets) : null;
        }
        return root is not null && Scalars(root).FirstOrDefault(s => s.IsWrittenSecret) is { } found
            ? new DraftProblem(found.Node.Start.Line, found.Path, NoSecrets)
            : null;
    }

    /// <summary>The text as a tree of lists; variables stay what they are.</summary>
    public static bool TryParse(string yaml, [NotNullWhen(true)] out JsonObject? tree, [NotNullWhen(false)] out DraftProblem? problem)
    {
        (tree, problem) = (null, null);
        if (!YamlText.TryParse(yaml, out YamlNode? root, out YamlError? error))
        {
            problem = new DraftProblem(error.Line, "", error.Message);
            return false;
        }
        tree = root switch
        {
            YamlMappingNode map => (JsonObject)JsonNode.Parse(YamlJson.Convert(map, SecretPlaceholders.Text))!,
            null => [],
            _ => null,
        };
        problem = tree is null ? new DraftProblem(1, "", "Properties with values are expected here.") : null;
        return problem is null;
    }

    /// <summary>The texts of the catalog's lists, each with its path.</summary>
    public static IEnumerable<Scalar> Scalars(YamlNode node, string path = "")
    {
        switch (node)
        {
            case YamlMappingNode map:
                return map.Children.SelectMany(c => Scalars(c.Value, path.Length == 0 ? $"{c.Key}" : $"{path}.{c.Key}"));
            case YamlSequenceNode list:
                return list.Children.SelectMany((item, i) => Scalars(item, $"{path}[{i}]"));
            default:
                return node is YamlScalarNode { Value.Length: > 0 } scalar && ConfigTree.Lists.Contains(path.Split('[', '.')[0])
                    ? [new Scalar(scalar, path, SecretPath().IsMatch(path))]
                    : [];
        }
    }

    internal sealed record Scalar(YamlScalarNode Node, string Path, bool IsSecret)
    {
        public bool IsWrittenSecret => IsSecret && !YamlMap.IsNull(Node) && Interpolation.TheVariable(Node.Value!) is null;
    }

    [GeneratedRegex(@"^(providers\[\d+\]\.(api_key|credentials\[\d+\]\.secret)|keys\[\d+\]\.key)$", RegexOptions.CultureInvariant)]
    private static partial Regex SecretPath();

    [GeneratedRegex(@"^[ \t-]*(secret|api_key|key)[ \t]*:[ \t]*(?<value>(?![""']?\$\{)[^\s#].*)$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Written();
}
