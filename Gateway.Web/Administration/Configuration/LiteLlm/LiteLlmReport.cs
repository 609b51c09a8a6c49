using System.Text.Json.Nodes;

namespace Gateway.Web.Administration.Configuration.LiteLlm;

/// <summary>Tells of every setting of a LiteLLM file what became of it; what nobody told of is not supported.</summary>
internal sealed class LiteLlmReport
{
    private readonly Dictionary<string, ImportLine> _lines = new(StringComparer.Ordinal);
    private readonly List<string> _leaves = [];

    public LiteLlmReport(JsonNode root)
    {
        foreach ((string path, bool empty) in Leaves(root, ""))
        {
            _leaves.Add(path);
            if (empty)
            {
                _lines[path] = new ImportLine(path, "mapped", "Nothing is set.");
            }
        }
    }

    /// <summary>One line for each setting of the file, in its order.</summary>
    public IReadOnlyList<ImportLine> Lines => [.. _leaves.Select(l => _lines.GetValueOrDefault(l) ?? new ImportLine(l, "unsupported", LiteLlmUnsupported.Reason(l)))];

    public void Mapped(string path, string note) => Add(path, "mapped", note);

    public void Approximated(string path, string note) => Add(path, "approximated", note);

    public void Unsupported(string path, string note) => Add(path, "unsupported", note);

    // Everything that has a value of its own, or none.
    private static IEnumerable<(string Path, bool IsEmpty)> Leaves(JsonNode? node, string path) => node switch
    {
        JsonObject { Count: > 0 } map => map.SelectMany(m => Leaves(m.Value, path.Length == 0 ? m.Key : $"{path}.{m.Key}")),
        JsonArray { Count: > 0 } list => list.SelectMany((item, i) => Leaves(item, $"{path}[{i}]")),
        _ => [(path, LiteLlmYaml.Text(node) is null)],
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
