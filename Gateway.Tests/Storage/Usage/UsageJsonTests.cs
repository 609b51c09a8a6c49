using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Web.Storage.Usage;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Storage.Usage;

public class UsageJsonTests
{
    // What the serializer writes is what it reads: a property that is new to a record is missing here until it is written.
    private static readonly JsonSerializerOptions WithoutNulls = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private static readonly AttemptRecord Failed =
        new("größer \"&\"", "backend-1", "gpt-4o-mini", "second", 10, 20, 30, 503, "upstream_server_error", "chaos: 503") { SunkCost = new NanoUsd(7) };

    private static readonly AttemptRecord Bare = new("", "", "", null, 0, null, long.MaxValue, null, null);

    [Fact]
    public void Attempts_AreWrittenAsTheSerializerDoes()
    {
        UsageRecord record = UsageFixture.Record(1);
        record.Attempts = [Failed, Bare];

        Text("attempts_json", record).ShouldBe(JsonSerializer.Serialize(record.Attempts, WithoutNulls));
    }

    [Fact]
    public void Attempts_None_AreAnEmptyList()
    {
        UsageRecord record = UsageFixture.Record(1);
        record.Attempts = [];

        Text("attempts_json", record).ShouldBe("[]");
    }

    [Fact]
    public void Trace_IsWrittenAsTheSerializerDoes()
    {
        UsageRecord record = UsageFixture.Record(1);
        record.Trace = new CallTrace
        {
            AuthenticatedUs = 1,
            ReadUs = 2,
            RoutedUs = 3,
            PlacedUs = 4,
            AdmittedUs = 5,
            Reason = "m is served by <its> own backends.",
            Policy = "cheapest",
            Captured = false,
            Candidates = [new CandidateRecord("a", "b0", 1.25, null, true), new CandidateRecord("b", "b1", null, "its circuit is open", false)],
        };

        Text("trace_json", record).ShouldBe(JsonSerializer.Serialize(record.Trace, WithoutNulls));
    }

    [Fact]
    public void Trace_WithoutChoice_IsReadBackAsItWas()
    {
        UsageRecord record = UsageFixture.Record(1);
        record.Trace = new CallTrace { AuthenticatedUs = 12 };

        JsonSerializer.Deserialize<CallTrace>(Text("trace_json", record)!).ShouldBeEquivalentTo(record.Trace);
    }

    [Fact]
    public void Trace_None_IsNull() => Text("trace_json", UsageFixture.Record(1)).ShouldBeNull();

    // One buffer serves all of them.
    [Fact]
    public void Json_AfterAnother_HasNothingOfIt()
    {
        UsageRecord longer = UsageFixture.Record(1);
        longer.Attempts = [.. Enumerable.Repeat(Failed, 50)];
        UsageRecord record = UsageFixture.Record(2);
        string before = Text("attempts_json", record)!;

        Text("attempts_json", longer)!.Length.ShouldBeGreaterThan(2_048);

        Text("attempts_json", record).ShouldBe(before);
    }

    private static string? Text(string name, UsageRecord record)
    {
        UsageColumn column = UsageColumn.All.Single(c => c.Name == name);
        string? text = column.TextOf(record);
        column.TryGetJson(record, out ReadOnlySpan<byte> json).ShouldBe(text is not null);
        (text ?? "").ShouldBe(Encoding.UTF8.GetString(json));
        return text;
    }
}
