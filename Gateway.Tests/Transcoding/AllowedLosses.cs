using Gateway.Core.Catalog;

namespace Gateway.Tests.Transcoding;

/// <summary>
/// What may be lost between two wires: <c>allowed-losses.txt</c>, one line a pair. Anything else that a conversion reports as
/// lost fails, and so does a name that stands for what may never be lost.
/// </summary>
internal static class AllowedLosses
{
    private static readonly string[] Never = ["text", "tool_call", "tool_calls", "finish_reason", "finish", "usage"];

    private static readonly Lazy<Dictionary<string, HashSet<string>>> Lists = new(() => File
        .ReadLines(RepositoryRoot.File("Gateway.Tests", "Transcoding", "allowed-losses.txt"))
        .Where(l => l.Length > 0 && l[0] != '#')
        .Select(l => l.Split(": "))
        .ToDictionary(l => l[0], l => l[1].Split(", ").ToHashSet()));

    /// <param name="what"><c>request</c> or <c>answer</c>.</param>
    public static bool Allows(string what, Wire from, Wire to, string name) => !Never.Contains(name)
        && Lists.Value.GetValueOrDefault($"{what} {from.ToName()} > {to.ToName()}") is { } allowed
        && (allowed.Contains(name) || allowed.Any(a => a.EndsWith('*') && name.StartsWith(a[..^1], StringComparison.Ordinal)));
}
