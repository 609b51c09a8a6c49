namespace Gateway.Web.Hosting;

/// <summary>The sub-commands: <c>serve [file.yaml]</c> (also without any), <c>migrate up|down</c>, <c>config validate|export [file.yaml]</c>, <c>mock [port]</c>, <c>ask</c>.</summary>
internal static class CommandLine
{
    private const string Usage = """
        usage: Gateway.Web [serve [gateway.yaml]]    serves the gateway and the console
               Gateway.Web migrate [up|down]         brings the database's schema up to date, or takes the last step back
               Gateway.Web config validate [gateway.yaml]   checks the settings and the file as a start would
               Gateway.Web config export [gateway.yaml]     prints the configuration in force as YAML, without secrets
               Gateway.Web mock [port]               serves simulated models without keys, to register as an upstream
               Gateway.Web ask "question"            asks a running gateway; see ask --help
               Gateway.Web --help | --version
        Settings: docs/configuration.md; each can be given as --Gateway:Port=8080, too
        """;

    /// <summary>Whether the arguments only ask what this is; the answer was printed then.</summary>
    public static bool Tells(string[] args)
    {
        // Also behind a command: nobody who asks what it does wants it done. `ask` has a text of its own.
        if (args is ["help" or "-?", ..] || (args is not ["ask", ..] && args.Any(a => a is "--help" or "-h")))
        {
            Console.Out.WriteLine(Usage);
            return true;
        }
        if (args is ["--version" or "version", ..])
        {
            Console.Out.WriteLine(Components.Product.Version);
            return true;
        }
        return false;
    }

    public static bool Refuses(string[] args) =>
        !MockUpstream.IsAsked(args) && args.TakeWhile(a => !a.StartsWith('-')).ToArray() is not ([] or ["serve"] or ["serve", _] or ["migrate"] or ["migrate", "up" or "down"]
            or ["config", "validate" or "export"] or ["config", "validate" or "export", _]);

    public static bool Migrates(string[] args) => args is ["migrate", ..];

    public static bool Validates(string[] args) => args is ["config", "validate", ..];

    public static bool Exports(string[] args) => args is ["config", "export", ..];

    /// <summary>The YAML file that the arguments name; null when they name none.</summary>
    public static string? File(string[] args) => args switch
    {
        ["serve", var file, ..] when !file.StartsWith('-') => file,
        ["config", _, var file, ..] when !file.StartsWith('-') => file,
        _ => null,
    };

    /// <returns>The exit code of a wrong command line.</returns>
    public static int ExplainUsage()
    {
        Console.Error.WriteLine(Usage);
        return 2;
    }
}
