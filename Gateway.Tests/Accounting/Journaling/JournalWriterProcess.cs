using System.Diagnostics;
using System.Text;
using Gateway.Core.Accounting.Journaling;
using Xunit;

namespace Gateway.Tests.Accounting.Journaling;

/// <summary>Another process that appends as fast as it can and says on its standard output what has been acknowledged.</summary>
internal sealed class JournalWriterProcess : IDisposable
{
    public const string Verb = "journal-writer";
    private const int Threads = 3;

    private readonly Process _process;

    private JournalWriterProcess(Process process) => _process = process;

    /// <summary>Request ids, in the order in which they were acknowledged.</summary>
    public List<string> Acknowledged { get; } = [];

    public static JournalWriterProcess Start(string directory)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(JournalWriterProcess).Assembly.Location);
        }
        start.ArgumentList.Add(Verb);
        start.ArgumentList.Add(directory);
        return new JournalWriterProcess(Process.Start(start)!);
    }

    /// <summary>Lets it work until it has acknowledged so many, kills it, and collects what it still had said.</summary>
    public async Task KillAfterAsync(int acknowledged)
    {
        bool killed = false;
        while (await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            Acknowledged.Add(line);
            if (!killed && Acknowledged.Count >= acknowledged)
            {
                killed = true;
                _process.Kill();
            }
        }
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(killed, $"The writer ended by itself with code {_process.ExitCode}.");
    }

    public void Dispose() => _process.Dispose();

    /// <summary>The other process's main.</summary>
    public static int Run(string directory)
    {
        var journal = Journal.Open(new JournalOptions { Directory = directory, SegmentBytes = 256 * 1024 }, TimeProvider.System);
        using Stream output = Console.OpenStandardOutput();
        string run = Guid.NewGuid().ToString("N");
        var threads = Enumerable.Range(0, Threads).Select(t => new Thread(() => Append(journal, output, $"{run}-{t}"))).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        return 1;
    }

    private static void Append(Journal journal, Stream output, string prefix)
    {
        for (int i = 0; ; i++)
        {
            string id = $"{prefix}-{i}";
            ValueTask<bool> append = journal.AppendAsync(JournalSandbox.Record(id));
            if (append is not { IsCompleted: true, Result: true })
            {
                return;
            }
            // One write of a short line to a pipe is never cut in two.
            output.Write(Encoding.ASCII.GetBytes(id + "\n"));
        }
    }
}
