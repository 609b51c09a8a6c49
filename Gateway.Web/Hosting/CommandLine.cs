namespace Gateway.Web.Hosting;

/// <summary>The sub-commands: <c>serve [file.yaml]</c> (also without any), <c>migrate up</c>, <c>migrate down</c>.</summary>
internal static class CommandLine
{
    private const string Usage = """
        usage: Gateway.Web [serve [gateway.yaml]]    serves the gateway and the console
               Gateway.Web migrate [up|down]         brings the database's schema up to date, or takes the last step back
        Settings: docs/configuration.md
        """;

    public static bool Refuses(string[] args) =>
        args.TakeWhile(a => !a.StartsWith('-')).ToArray() is not ([] or ["serve"] or ["serve", _] or ["migrate"] or ["migrate", "up" or "down"]);

    public static bool Migrates(string[] args) => args is ["migrate", ..];

    /// <returns>The exit code of a wrong command line.</returns>
    public static int ExplainUsage()
    {
        Console.Error.WriteLine(Usage);
        return 2;
    }
}
