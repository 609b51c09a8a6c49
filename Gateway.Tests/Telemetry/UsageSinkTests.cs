using System.Text;
using Gateway.Core.Accounting;
using Gateway.Core.Live;
using Gateway.Core.Telemetry;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Telemetry;

public class UsageSinkTests
{
    private const int Many = 16_000;
    private const int More = 4_000;

    [Fact]
    public async Task Log_ThatNobodyReads_DelaysNoFiguresAndSaysOnceWhatIsMissing()
    {
        using var log = new ScriptedLog { Opened = false };
        var seen = new Count();
        await using var sink = new UsageSink(new LiveFeed(), log, (_, e) => throw e, [seen]);

        await PostAsync(sink, seen, Many);
        await PostAsync(sink, seen, Many + More);

        sink.Dropped.ShouldBe(0);
        sink.LogLost.ShouldBeInRange(1, More);
        log.Opened = true;
        // The last call is counted before it is given to the log.
        await Eventually.TrueAsync(() => log.Lines.Length == Many + More - sink.LogLost + 1);
        log.Lines.Where(l => l.Contains("missing in this log", StringComparison.Ordinal)).ShouldHaveSingleItem().ShouldEndWith($"\"calls\":{sink.LogLost}}}");
    }

    [Fact]
    public async Task Dispose_WhileNobodyReadsTheLog_Ends()
    {
        using var log = new ScriptedLog { Opened = false };
        var sink = new UsageSink(new LiveFeed(), log, (_, e) => throw e);
        sink.Post(Record(0));
        await Eventually.TrueAsync(() => log.Entered);

        await sink.DisposeAsync().AsTask().WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);

        log.Lines.ShouldBeEmpty();
    }

    [Fact]
    public async Task Dispose_Twice_WritesWhatIsQueuedOnce()
    {
        using var log = new ScriptedLog();
        var sink = new UsageSink(new LiveFeed(), log, (_, e) => throw e);
        sink.Post(Record(1));

        await sink.DisposeAsync();
        await sink.DisposeAsync();

        log.Lines.ShouldHaveSingleItem().ShouldContain("\"request_id\":\"1\"");
    }

    [Fact]
    public async Task Log_WithoutRoom_GoesOnWithAWholeLineAndSaysWhatIsMissing()
    {
        using var log = new ScriptedLog { Room = 100 };
        await using var sink = new UsageSink(new LiveFeed(), log, (_, e) => throw e);
        for (int i = 1; i <= 3; i++)
        {
            sink.Post(Record(i));
            await Eventually.TrueAsync(() => sink.LogLost == i);
        }

        log.Room = int.MaxValue;
        sink.Post(Record(4));

        await Eventually.TrueAsync(() => log.Lines.Length == 3);
        log.Lines[0].Length.ShouldBe(100);
        log.Lines[1].ShouldEndWith("\"calls\":3}");
        log.Lines[2].ShouldContain("\"request_id\":\"4\"");
        sink.LogLost.ShouldBe(3);
    }

    [Fact]
    public async Task Log_OfACallWhoseLinesCannotBeMade_GoesOnWithTheNext()
    {
        using var log = new ScriptedLog();
        await using var sink = new UsageSink(new LiveFeed(), log, (_, e) => throw e);
        sink.Post(new UsageRecord { RequestId = "1", Path = "/v1/chat/completions", Status = 200, StartedAt = DateTimeOffset.MinValue, Attempts = null! });
        await Eventually.TrueAsync(() => sink.LogLost == 1);

        sink.Post(Record(2));

        await Eventually.TrueAsync(() => log.Lines.Length == 2);
        log.Lines[0].ShouldEndWith("\"calls\":1}");
        log.Lines[1].ShouldContain("\"request_id\":\"2\"");
    }

    [Fact]
    public async Task Observer_AndTheLogOfFaultsFail_TheNextCallIsShownAllTheSame()
    {
        using var log = new ScriptedLog();
        var seen = new Count();
        await using var sink = new UsageSink(new LiveFeed(), log, (_, e) => throw e, [new Faulty(), seen]);
        sink.Post(Record(1));
        await Eventually.TrueAsync(() => seen.Calls == 1);

        sink.Post(Record(2));

        await Eventually.TrueAsync(() => seen.Calls == 2 && log.Lines.Length == 2);
    }

    private static async Task PostAsync(UsageSink sink, Count seen, int until)
    {
        for (int i = seen.Calls; i < until; i++)
        {
            sink.Post(Record(i));
        }
        await Eventually.TrueAsync(() => seen.Calls == until);
    }

    private static UsageRecord Record(int number) => new() { RequestId = $"{number}", Path = "/v1/chat/completions", Status = 200 };

    private sealed class Count : IRecordObserver
    {
        private int _calls;

        public int Calls => Volatile.Read(ref _calls);

        public void Observe(UsageRecord record) => Interlocked.Increment(ref _calls);
    }

    private sealed class Faulty : IRecordObserver
    {
        public void Observe(UsageRecord record) => throw new InvalidOperationException("broken");
    }

    /// <summary>A pipe that is read when the test says so, or a disk that takes so many bytes.</summary>
    private sealed class ScriptedLog : MemoryStream
    {
        private readonly Lock _lock = new();
        private readonly ManualResetEventSlim _opened = new(initialState: true);

        public bool Opened
        {
            set
            {
                if (value)
                {
                    _opened.Set();
                }
                else
                {
                    _opened.Reset();
                }
            }
        }

        public int Room { get; set; } = int.MaxValue;

        public bool Entered { get; private set; }

        public string[] Lines
        {
            get
            {
                lock (_lock)
                {
                    return Encoding.UTF8.GetString(ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
                }
            }
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Entered = true;
            _opened.Wait();
            lock (_lock)
            {
                base.Write(buffer[..Math.Min(buffer.Length, Room - (int)Length)]);
                if (Room == Length)
                {
                    throw new IOException("No space left on device");
                }
            }
        }

        protected override void Dispose(bool disposing)
        {
            _opened.Set();
            base.Dispose(disposing);
        }
    }
}
