namespace Gateway.Web.Hosting;

/// <summary>Where the console's scripts and styles are.</summary>
internal static class WebRoot
{
    private const string Name = "wwwroot";

    /// <summary>
    /// Beside the program, where it was started in another directory (a service, <c>dotnet /opt/gateway/Gateway.Web.dll</c>): the host looks
    /// in the directory alone, and pages would come without style or script. Null leaves it to the host.
    /// </summary>
    /// <param name="current">Where the process was started.</param>
    /// <param name="program">Where the program is.</param>
    public static string? Find(string current, string program)
    {
        string beside = Path.Combine(program, Name);
        return !Directory.Exists(Path.Combine(current, Name)) && Directory.Exists(beside) ? beside : null;
    }
}
