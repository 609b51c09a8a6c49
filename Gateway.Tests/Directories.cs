namespace Gateway.Tests;

/// <summary>Directories that tests leave.</summary>
internal static class Directories
{
    /// <summary>
    /// Removes a directory with what is in it, again while something that ends meanwhile still writes into it: a journal makes segments
    /// ahead, and the last reader of a SQLite database has files beside it.
    /// </summary>
    public static void Remove(string directory)
    {
        if (!SpinWait.SpinUntil(() => TryRemove(directory), Eventually.Limit))
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static bool TryRemove(string directory)
    {
        try
        {
            Directory.Delete(directory, recursive: true);
            return true;
        }
        catch (IOException)
        {
            return !Directory.Exists(directory);
        }
    }
}
