namespace Gateway.Web.Hosting;

/// <summary>Where the console's scripts and styles are.</summary>
internal static class WebRoot
{
    private const string Name = "wwwroot";

    /// <summary>
    /// Beside the program, where it was started in another directory (a service, <c>dotnet /opt/gateway/Gateway.Web.dll</c>): the host looks
    /// in the directory alone, and pages would come without style or script. Null leaves it to the host.
    /// </summary>
    public static string? Find()
    {
        string beside = Path.Combine(AppContext.BaseDirectory, Name);
        return !Directory.Exists(Name) && Directory.Exists(beside) ? beside : null;
    }
}
