using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Tests.Storage.Usage;
using Gateway.Web.Alerts;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Alerts;

/// <summary>What rules look at.</summary>
public sealed class AlertReadingsTests
{
    // The sums are of whole minutes: of one minute nearly two were looked at.
    [Theory]
    [InlineData(1, 61)]
    [InlineData(2, 121)]
    [InlineData(60, 200)]
    [InlineData(61, 200)]
    public async Task Requests_OfAWindow_AreThoseThatBeganInIt(int minutes, int calls)
    {
        await using UsageFixture fixture = await UsageFixture.OpenAsync();
        // One a second, up to 50 s past the minute.
        DateTimeOffset now = UsageFixture.Noon.AddSeconds(230);
        await fixture.AppendAsync(Enumerable.Range(0, 200).Select(i => Admitted(i, now.AddSeconds(-i))));
        await fixture.DrainAllAsync();
        var readings = new AlertReadings(fixture.Usage, null!, null!, new GatewayCatalog(), null!, null!, new FixedTime(now));

        AlertReading reading = await readings.ReadAsync(
            new AlertRule { Scope = ScopeKind.Gateway.ToName(), Metric = AlertMetric.Requests, WindowMinutes = minutes }, UsageFixture.Cancel);

        reading.Value.ShouldBe(calls);
    }

    private static UsageRecord Admitted(int number, DateTimeOffset at)
    {
        UsageRecord record = UsageFixture.Record(number, at);
        record.Admitted = true;
        return record;
    }

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
