using System.Globalization;
using Gateway.Core.Accounting;
using Gateway.Core.Accounting.Journaling;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Accounting.Journaling;

public sealed class JournalKillTests(ITestOutputHelper output) : IDisposable
{
    private readonly JournalSandbox _sandbox = new();

    // GATEWAY_TEST_KILLS=100 is the figure that is promised; the default keeps the suite short.
    private static int Kills => int.Parse(Environment.GetEnvironmentVariable("GATEWAY_TEST_KILLS") ?? "20", CultureInfo.InvariantCulture);

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public async Task Append_ProcessKilledUnderLoad_EveryAcknowledgedRecordIsReadExactlyOnce()
    {
        var random = new Random(20261120);
        var seen = new HashSet<string>();
        JournalPosition position = JournalPosition.Start;
        long acknowledged = 0;
        long torn = 0;
        for (int kill = 0; kill < Kills; kill++)
        {
            using var writer = JournalWriterProcess.Start(_sandbox.Directory);
            await writer.KillAfterAsync(random.Next(1, 8_000));

            // What the gateway does at its next start: open, and go on reading where it had stopped.
            await using Journal journal = _sandbox.Open();
            using JournalReader reader = journal.OpenReader(position);
            foreach (UsageRecord record in JournalSandbox.ReadAll(reader))
            {
                seen.Add(record.RequestId).ShouldBeTrue($"{record.RequestId} was read twice");
            }
            writer.Acknowledged.ShouldAllBe(id => seen.Contains(id));
            position = reader.Position;
            acknowledged += writer.Acknowledged.Count;
            torn += reader.Torn;
            journal.DeleteBefore(position);
        }
        output.WriteLine($"{Kills} kills, {acknowledged} acknowledged, {seen.Count} read, {torn} torn");
    }
}
