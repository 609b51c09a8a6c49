using System.Diagnostics;
using System.Reflection;

namespace Gateway.Web.Storage;

/// <summary>
/// Migrates in a process of its own, this program's <c>migrate up</c>. A node that only serves requests has no other use for
/// EF Core, which, once loaded, would stay in its memory for good.
/// </summary>
internal sealed class MigrateProcess(DatabaseSettings settings) : ISchemaMigration
{
    /// <exception cref="SchemaException">The sub-command refused; the message is what it said.</exception>
    public async Task UpAsync(CancellationToken cancellationToken)
    {
        using Process process = Process.Start(Command()) ?? throw new SchemaException("The program could not be started a second time, to migrate the database.");
        try
        {
            Task<string> said = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, cancellationToken);
            string reason = await said;
            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode != 0)
            {
                throw new SchemaException(reason.Length > 0 ? reason.Trim() : $"`migrate up` ended with code {process.ExitCode}.");
            }
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }

    private ProcessStartInfo Command()
    {
        string program = Assembly.GetExecutingAssembly().Location;
        bool byDotnet = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet";
        var start = new ProcessStartInfo(
            byDotnet ? Environment.ProcessPath! : Path.ChangeExtension(program, OperatingSystem.IsWindows() ? "exe" : null),
            byDotnet ? [program, "migrate", "up"] : ["migrate", "up"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Over every other place that may name a database; not on the command line, which everyone can read.
        start.Environment["Database__Provider"] = settings.Provider.ToString();
        start.Environment["ConnectionStrings__Gateway"] = settings.ConnectionString;
        return start;
    }
}
