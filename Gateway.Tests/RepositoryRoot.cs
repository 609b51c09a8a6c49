namespace Gateway.Tests;

/// <summary>Where the sources are, for tests that read them.</summary>
internal static class RepositoryRoot
{
    public static string Path { get; } = Find();

    public static string File(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (System.IO.File.Exists(System.IO.Path.Combine(directory.FullName, "GatewayConsole.sln")))
            {
                return directory.FullName;
            }
        }
        throw new InvalidOperationException("GatewayConsole.sln is in no directory above the tests.");
    }
}
