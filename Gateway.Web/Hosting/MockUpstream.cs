using System.Globalization;

namespace Gateway.Web.Hosting;

/// <summary>
/// The command <c>mock [port]</c>: this process as a simulated OpenAI-compatible server without keys, on loopback, to register as an
/// upstream where no real one is at hand. It is the gateway itself over its simulated provider, in a folder of its own.
/// </summary>
internal static class MockUpstream
{
    /// <summary>Where the ordered summaries' upstream is by default, too.</summary>
    public const int DefaultPort = 8001;

    private const string Catalog = """
        providers:
          - name: simulated
            kind: simulated
        models:
          - { name: sim-chat, backends: [{ provider: simulated }] }
          - { name: sim-reasoning, backends: [{ provider: simulated }] }
          - { name: sim-embedding, backends: [{ provider: simulated }] }
          - { name: sim-failing, backends: [{ provider: simulated }] }
        """;

    /// <summary>The arguments of <c>serve</c> that make such a server. What follows them on the command line wins.</summary>
    /// <exception cref="IOException">The folder for temporary files cannot be written.</exception>
    public static string[] Arguments(string[] args)
    {
        string[] words = [.. args.Skip(1).TakeWhile(a => !a.StartsWith('-'))];
        int port = words is [var text, ..] ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : DefaultPort;
        string folder = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"gateway-mock-{port}"));
        Directory.CreateDirectory(folder);
        string file = Path.Combine(folder, "mock.yaml");
        File.WriteAllText(file, Catalog);
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"A simulated upstream without keys: http://localhost:{port}/v1 (models sim-chat, sim-reasoning, sim-embedding, sim-failing)"));
        // Neither the database nor the Redis of a gateway whose variables happen to be set here.
        return
        [
            "serve", file,
            string.Create(CultureInfo.InvariantCulture, $"--Gateway:Port={port}"), "--Gateway:Host=localhost", "--Gateway:Role=gateway", "--Gateway:Auth:Disabled=true",
            $"--Gateway:DataDirectory={folder}", "--Database:Provider=sqlite", $"--ConnectionStrings:Gateway=Data Source={Path.Combine(folder, "mock.db")}", "--Redis:Url=",
            .. args.Skip(1 + words.Length),
        ];
    }

    /// <summary>Whether the command line asks for it, and rightly.</summary>
    public static bool IsAsked(string[] args) =>
        args is ["mock", ..] && args.Skip(1).TakeWhile(a => !a.StartsWith('-')).ToArray() is var words
        && (words is [] || (words is [var port] && ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number) && number > 0));
}
