using YamlDotNet.RepresentationModel;

namespace Gateway.Web.Configuration;

/// <summary>What is wrong with a YAML file, each with its line. Never repeats a value: it may be a secret.</summary>
internal sealed class YamlErrors(string fileName)
{
    private readonly List<YamlError> _found = [];

    public IReadOnlyList<YamlError> Found => _found;

    /// <summary>As one line each.</summary>
    public IReadOnlyList<string> All =>
        [.. _found.Select(e => e.Path.Length == 0 ? $"{fileName}({e.Line}): {e.Message}" : $"{fileName}({e.Line}): {e.Path}: {e.Message}")];

    public void Add(YamlNode node, string path, string message) => Add(node.Start.Line, path, message);

    public void Add(long line, string path, string message) => _found.Add(new YamlError(line, path.TrimStart('.'), message));
}

/// <param name="Line">From 1 on.</param>
/// <param name="Path">For example <c>models[0].backends[1].weight</c>; empty for the whole.</param>
internal sealed record YamlError(long Line, string Path, string Message);
