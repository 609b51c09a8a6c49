using System.Globalization;

namespace Gateway.Web.Hosting;

/// <summary>
/// How many connections the process's limit of open files bears. A process that reaches it cannot load its own code any more
/// and dies, so it takes fewer connections instead.
/// </summary>
internal static class OpenFiles
{
    // 354 were counted on a node that has everything, most of them assemblies.
    private const int Own = 400;
    private const int Least = 10;

    // With fewer a burst of connections that are closed at once is too much, and with many fewer the start.
    private const int Fewest = 512;

    /// <summary>Null where there is none, or none is known.</summary>
    public static long? Limit { get; } = Read();

    /// <summary>Refuses a limit with which the process would die on its way, without a word that helps.</summary>
    public static void Require(long? limit)
    {
        if (limit < Fewest)
        {
            throw new IOException($"This process may open {limit} files, and needs {Fewest} at least. Raise the limit (ulimit -n, LimitNOFILE).");
        }
    }

    /// <summary>As many as wanted, if there is a file for each and another one for its upstream.</summary>
    public static int Connections(int wanted, long? limit) => limit is { } files ? (int)Math.Clamp((files - Own) / 2, Least, wanted) : wanted;

    /// <summary>The figure in force from the text of <c>/proc/self/limits</c>.</summary>
    public static long? Parse(string limits)
    {
        const string Name = "Max open files";
        string? line = limits.Split('\n').FirstOrDefault(l => l.StartsWith(Name, StringComparison.Ordinal));
        string? soft = line?[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out long files) ? files : null;
    }

    private static long? Read()
    {
        try
        {
            return Parse(File.ReadAllText("/proc/self/limits"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not Linux.
            return null;
        }
    }
}
