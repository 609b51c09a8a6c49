using YamlDotNet.RepresentationModel;

namespace Gateway.Web.Configuration;

/// <summary>What is wrong with a YAML file, each with its line. Never repeats a value: it may be a secret.</summary>
internal sealed class YamlErrors(string fileName)
{
    private readonly List<string> _all = [];

    public IReadOnlyList<string> All => _all;

    public void Add(YamlNode node, string path, string message) => Add(node.Start.Line, path, message);

    public void Add(long line, string path, string message) =>
        _all.Add(path.Length == 0 ? $"{fileName}({line}): {message}" : $"{fileName}({line}): {path.TrimStart('.')}: {message}");
}
