using System.Text.Json.Nodes;

namespace Gateway.Web.Administration.Configuration.LiteLlm;

/// <summary>Tells of every setting of a LiteLLM file what became of it; what nobody told of is not supported.</summary>
internal sealed class LiteLlmReport
{
    private readonly Dictionary<string, ImportLine> _lines = new(StringComparer.Ordinal);
    private readonly List<string> _leaves;

    public LiteLlmReport(JsonNode root) => _leaves = [.. Leaves(root, "")];

    /// <summary>One line for each setting of the file, in its order.</summary>
    public IReadOnlyList<ImportLine> Lines => [.. _leaves.Select(l => _lines.GetValueOrDefault(l) ?? new ImportLine(l, "unsupported", LiteLlmUnsupported.Reason(l)))];

    public void Mapped(string path, string note) => Add(path, "mapped", note);

    public void Approximated(string path, string note) => Add(path, "approximated", note);

    public void Unsupported(string path, string note) => Add(path, "unsupported", note);

    /// <summary>The paths of everything in it that has a value of its own.</summary>
    public static IEnumerable<string> Leaves(JsonNode? node, string path) => node switch
    {
        JsonObject { Count: > 0 } map => map.SelectMany(m => Leaves(m.Value, path.Length == 0 ? m.Key : $"{path}.{m.Key}")),
        JsonArray { Count: > 0 } list => list.SelectMany((item, i) => Leaves(item, $"{path}[{i}]")),
        _ => [path],
    };

    // A path with settings below it stands for all of them.
    private void Add(string path, string verdict, string note)
    {
        foreach (string leaf in _leaves.Where(l => l == path || l.StartsWith(path + ".", StringComparison.Ordinal) || l.StartsWith(path + "[", StringComparison.Ordinal)))
        {
            _lines.TryAdd(leaf, new ImportLine(leaf, verdict, note));
        }
    }
}
