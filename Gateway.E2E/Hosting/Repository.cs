namespace Gateway.E2E.Hosting;

/// <summary>Where things are in the checkout.</summary>
internal static class Repository
{
    /// <summary>The folder with the solution.</summary>
    public static string Root { get; } = Find();

    /// <summary>The product as this build made it, in the same configuration.</summary>
    public static string Product { get; } = Path.Combine(
        Root, "artifacts", "bin", "Gateway.Web", new DirectoryInfo(AppContext.BaseDirectory).Name, "Gateway.Web.dll");

    /// <summary>Files of this project.</summary>
    public static string Tests { get; } = Path.Combine(Root, "Gateway.E2E");

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "GatewayConsole.sln")))
            {
                return folder.FullName;
            }
        }
        throw new InvalidOperationException($"GatewayConsole.sln is in no folder above {AppContext.BaseDirectory}.");
    }
}
