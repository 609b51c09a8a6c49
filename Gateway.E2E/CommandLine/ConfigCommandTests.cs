using System.Diagnostics;
using Gateway.E2E.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.E2E.CommandLine;

/// <summary><c>config validate</c> and <c>config export</c>, each as a process of its own: what it prints where, and how it ends.</summary>
public sealed class ConfigCommandTests(RunningGateway gateway) : IClassFixture<RunningGateway>, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-command-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Validate_AFileThatIsRight_SaysSo()
    {
        string file = Write("""
            providers: [{name: sim, kind: simulated}]
            models: [{name: declared, backends: [{provider: sim}]}]
            keys: [{name: k, key: "${COMMAND_TEST_KEY}"}]
            """);

        (int code, string output, string errors) = await RunAsync(["config", "validate", file], ("COMMAND_TEST_KEY", "sk-declared"));

        (code, output.Trim(), errors).ShouldBe((0, "The configuration is valid.", ""));
    }

    [Fact]
    public async Task Validate_AFileThatIsWrong_ListsEverythingAndFails()
    {
        string file = Write("""
            gateway: {limits: {nothing: 3}}
            models: [{name: declared, backends: [{provider: nobody}]}]
            routes: [{name: r, steps: []}]
            keys: [{name: k, key: "${COMMAND_TEST_MISSING}"}]
            """);

        (int code, string output, string errors) = await RunAsync(["config", "validate", file]);

        (code, output).ShouldBe((2, ""));
        errors.ShouldContain("nothing");
        errors.ShouldContain("yaml(4): keys[0].key", Case.Sensitive, "a variable that is not set is as if the key were not there");
        errors.ShouldNotContain("   at ", Case.Sensitive, "a reader of configuration has no use for a stack trace");
    }

    // Whoever only asks does not start a server.
    [Theory]
    [InlineData("--help", "usage: Gateway.Web")]
    [InlineData("-h", "usage: Gateway.Web")]
    [InlineData("--version", ".")]
    public async Task Help_IsPrintedAndThatIsAll(string argument, string says)
    {
        (int code, string output, string errors) = await RunAsync([argument]);

        (code, errors).ShouldBe((0, ""));
        output.ShouldContain(says);
        output.Split('\n').Length.ShouldBeLessThan(12);
    }

    [Theory]
    [InlineData("config", "validate", "/nowhere/gateway.yaml")]
    [InlineData("config", "export", "/nowhere/gateway.yaml")]
    public async Task Config_OfAFileThatIsNotThere_NamesIt(params string[] args)
    {
        (int code, string output, string errors) = await RunAsync(args);

        (code, output).ShouldBe((2, ""));
        errors.ShouldContain("/nowhere/gateway.yaml");
    }

    [Theory]
    [InlineData("config")]
    [InlineData("config", "check")]
    [InlineData("config", "validate", "a.yaml", "b.yaml")]
    public async Task Config_WithoutAKnownVerb_ExplainsItself(params string[] args)
    {
        (int code, string output, string errors) = await RunAsync(args);

        (code, output).ShouldBe((2, ""));
        errors.ShouldContain("config validate [gateway.yaml]");
    }

    [Fact]
    public async Task Export_OfARunningGateway_IsAFileThatValidatesAndHoldsNoSecret()
    {
        await gateway.CreateAsync("providers", new { name = "paid", kind = "openai", credentials = new[] { new { label = "main", secret = "sk-secret-of-the-export" } } });

        (int code, string yaml, string errors) = await RunAsync(["config", "export"], ("Gateway__DataDirectory", gateway.DataDirectory));

        (code, errors).ShouldBe((0, ""));
        yaml.ShouldContain("sim-chat");
        yaml.ShouldContain("secret: ${PAID_MAIN}");
        yaml.ShouldNotContain("sk-secret-of-the-export");
        yaml.ShouldNotContain(gateway.Key);
        (string, string)[] variables = [.. yaml.Split('\n').Where(l => l.StartsWith("#   ", StringComparison.Ordinal) && l.Contains(": ")).Select(l => (l[4..].Split(':')[0], "sk-given"))];
        variables.ShouldContain(("PAID_MAIN", "sk-given"));
        (int valid, string said, string wrong) = await RunAsync(["config", "validate", Write(yaml)], variables);
        (valid, said.Trim(), wrong).ShouldBe((0, "The configuration is valid.", ""));
    }

    [Fact]
    public async Task Export_WithoutADatabase_SaysWhyAndMakesNone()
    {
        string data = Path.Combine(_folder.FullName, "none");

        (int code, string output, string errors) = await RunAsync(["config", "export"], ("Gateway__DataDirectory", data));

        (code, output).ShouldBe((1, ""));
        errors.Trim().Split('\n').ShouldHaveSingleItem().ShouldContain($"the data directory is {data}). Set Gateway:DataDirectory or DATABASE_URL");
        File.Exists(Path.Combine(data, "gateway.db")).ShouldBeFalse("it is only read");
    }

    private string Write(string yaml)
    {
        string file = Path.Combine(_folder.FullName, $"{Guid.NewGuid():N}.yaml");
        File.WriteAllText(file, yaml);
        return file;
    }

    private async Task<(int Code, string Output, string Errors)> RunAsync(string[] args, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo("dotnet", [Repository.Product, .. args]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder.FullName };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        start.Environment["Gateway__DataDirectory"] = Path.Combine(_folder.FullName, "data");
        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(Cancel);
        Task<string> errors = process.StandardError.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        return (process.ExitCode, await output, await errors);
    }
}
