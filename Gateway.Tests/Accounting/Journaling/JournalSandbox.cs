using Gateway.Core.Accounting;
using Gateway.Core.Accounting.Journaling;

namespace Gateway.Tests.Accounting.Journaling;

/// <summary>A directory of its own for one test, and shorthands for what journal tests do all the time.</summary>
internal sealed class JournalSandbox : IDisposable
{
    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("gateway-journal-").FullName;

    public List<(bool Writable, string? Reason)> StateChanges { get; } = [];

    public Journal Open(int segmentBytes = 64 * 1024, JournalDurability durability = JournalDurability.Process, TimeProvider? time = null) =>
        Journal.Open(
            new JournalOptions
            {
                Directory = Directory,
                SegmentBytes = segmentBytes,
                Durability = durability,
                RetryInterval = TimeSpan.FromMilliseconds(20),
                StateChanged = (writable, reason) =>
                {
                    lock (StateChanges)
                    {
                        StateChanges.Add((writable, reason));
                    }
                },
            },
            time ?? TimeProvider.System);

    /// <summary>Waits until <see cref="StateChanges"/> ends with this one, which comes a moment after <see cref="Journal.IsWritable"/>.</summary>
    public Task ToldAsync(bool writable) => Eventually.TrueAsync(() =>
    {
        lock (StateChanges)
        {
            return StateChanges.Count > 0 && StateChanges[^1].Writable == writable;
        }
    });

    public List<UsageRecord> ReadClosed()
    {
        using var reader = JournalReader.Open(Directory, JournalPosition.Start);
        return ReadAll(reader);
    }

    public static List<UsageRecord> ReadAll(JournalReader reader)
    {
        var records = new List<UsageRecord>();
        while (reader.TryRead(out UsageRecord? record))
        {
            records.Add(record);
        }
        return records;
    }

    public static UsageRecord Record(string requestId) => new()
    {
        Id = Guid.CreateVersion7(),
        RequestId = requestId,
        StartedAt = new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero),
        KeyId = "key-1",
        Model = "gpt-4o-mini",
        Path = "/v1/chat/completions",
        Admitted = true,
        Status = 200,
    };

    public void Dispose() => Directories.Remove(Directory);
}
