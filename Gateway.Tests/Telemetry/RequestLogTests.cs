using System.Text;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Telemetry;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Telemetry;

public class RequestLogTests
{
    [Theory]
    [InlineData(LineLevel.Info, 200, null, "request inference")]
    [InlineData(LineLevel.Warn, 200, null, "")]
    [InlineData(LineLevel.Warn, 429, "upstream_rate_limited", "request inference")]
    [InlineData(LineLevel.Error, 429, "upstream_rate_limited", "")]
    [InlineData(LineLevel.Error, 502, "upstream_server_error", "request")]
    [InlineData(LineLevel.None, 502, "upstream_server_error", "")]
    public void Lines_BelowTheLeastLevel_AreNotWritten(LineLevel least, int status, string? error, string written)
    {
        UsageRecord record = Record();
        (record.Status, record.ErrorKind) = (status, error);

        string[] lines = Lines(record, new RequestLogSettings(least, AsText: false));

        string.Join(' ', lines.Select(l => JsonElement.Parse(l).GetProperty("msg").GetString())).ShouldBe(written);
    }

    [Fact]
    public void RequestLine_OfACallThatWasSent_SaysWhereWithoutSecrets()
    {
        JsonElement line = JsonElement.Parse(Lines(Record(), default)[0]);

        line.GetProperty("backend_url").GetString().ShouldBe("https://models.example:443/v1/chat/completions");
        line.GetProperty("provider").GetString().ShouldBe("p");
        line.GetProperty("trace_id").GetString().ShouldBe("0af7651916cd43dd8448eb211c80319c");
    }

    [Fact]
    public void RequestLine_OfACallThatWasNotSent_HasNoAddress()
    {
        UsageRecord record = Record();
        record.Attempts = [];

        JsonElement.Parse(Lines(record, default).ShouldHaveSingleItem()).TryGetProperty("backend_url", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("")]
    [InlineData("a \"quote\", a \\ and\na line \u0001")]
    [InlineData("grüße 你好 😀 \u2028")]
    public void Lines_AsJson_HoldWhateverTextThereIs(string model)
    {
        UsageRecord record = Record();
        (record.RequestedModel, record.Model) = (model, model);

        string[] lines = Lines(record, default);

        lines.Length.ShouldBe(2);
        foreach (string line in lines)
        {
            JsonElement json = JsonElement.Parse(line);
            json.GetProperty("model").GetString().ShouldBe(model);
            json.GetProperty("time").GetDateTimeOffset().ShouldBe(record.StartedAt);
        }
    }

    // Half a character is what a client may send, too; a reader of the log must not stumble over it.
    [Fact]
    public void Lines_AsJson_OfHalfACharacter_AreValid()
    {
        UsageRecord record = Record();
        record.Model = "a\ud800b";

        JsonElement.Parse(Lines(record, default)[0]).GetProperty("model").GetString().ShouldBe("a\ufffdb");
    }

    [Fact]
    public void RequestLines_OfTwoBackends_EachHaveTheirOwnAddress()
    {
        UsageRecord other = Record();
        other.Attempts = [new AttemptRecord("p", "b", "up", "main", 1, 2, 3, 200, null) { Url = new Uri("http://10.0.0.1:8000/v1/chat/completions") }];
        var log = new RequestLog(default);
        log.Add(Record());
        log.Add(other);

        string written = Encoding.UTF8.GetString(log.Written);

        written.ShouldContain("\"backend_url\":\"https://models.example:443/v1/chat/completions\"");
        written.ShouldContain("\"backend_url\":\"http://10.0.0.1:8000/v1/chat/completions\"");
    }

    [Fact]
    public void Lines_AsText_AreOneLineEachWhateverTheyHold()
    {
        UsageRecord record = Record();
        record.RequestedModel = record.Model = "a \"model\"\nlevel=ERROR\u2028x";

        string[] lines = Lines(record, new RequestLogSettings(LineLevel.Info, AsText: true));

        lines.Length.ShouldBe(2);
        lines[0].ShouldBe(
            "2026-01-02T03:04:05.006Z INFO request request_id=r1 trace_id=0af7651916cd43dd8448eb211c80319c method=POST path=/v1/chat/completions status=200 "
            + "response_bytes=0 gateway_latency=2000000 model=\"a \\\"model\\\"\\u000alevel=ERROR\\u2028x\" provider=p backend=b "
            + "backend_url=https://models.example:443/v1/chat/completions");
        lines[1].ShouldStartWith("2026-01-02T03:04:05.006Z INFO inference request_id=r1 ");
        lines[1].ShouldContain(" cost_usd=null ");
        lines[1].ShouldContain(" stream=false ");
        lines[1].ShouldEndWith(" metadata=\"{\\\"team\\\":\\\"x\\\"}\"");
    }

    private static UsageRecord Record() => new()
    {
        RequestId = "r1",
        TraceId = "0af7651916cd43dd8448eb211c80319c",
        StartedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 6, TimeSpan.Zero),
        Path = "/v1/chat/completions",
        Status = 200,
        Model = "m",
        Provider = "p",
        BackendId = "b",
        DurationUs = 2000,
        Metadata = """{"team":"x"}""",
        Attempts = [new AttemptRecord("p", "b", "up", "main", 1, 2, 3, 200, null) { Url = new Uri("https://user:secret@models.example/v1/chat/completions?key=secret") }],
    };

    private static string[] Lines(UsageRecord record, RequestLogSettings settings)
    {
        var log = new RequestLog(settings);
        log.Add(record);
        return Encoding.UTF8.GetString(log.Written).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
