using Gateway.Web.Administration.Traffic;
using Gateway.Web.Components;
using Gateway.Web.Components.Controls;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Components;

public sealed class AddressTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("24h", null, null, "24h", 1440)]
    [InlineData("nonsense", null, null, TimeRange.Default, 60)]
    [InlineData(null, null, null, TimeRange.Default, 60)]
    [InlineData("7d", "2026-05-01T00:00:00Z", "2026-05-01T06:00:00Z", null, 360)]
    [InlineData(null, "2026-05-02T00:00:00Z", "2026-05-01T00:00:00Z", TimeRange.Default, 60)]
    [InlineData(null, "2016-05-02T00:00:00Z", "2026-05-01T00:00:00Z", TimeRange.Default, 60)]
    public void TimeRange_Parse_TakesWhatMakesSense(string? preset, string? from, string? to, string? expected, int minutes)
    {
        TimeRange range = TimeRange.Parse(preset, from, to, Now);
        range.Preset.ShouldBe(expected);
        range.Length.ShouldBe(TimeSpan.FromMinutes(minutes));
    }

    [Fact]
    public void TimeRange_Previous_EndsWhereThisBegins()
    {
        TimeRange range = TimeRange.Parse("6h", null, null, Now);
        range.Previous.To.ShouldBe(range.From);
        range.Previous.Length.ShouldBe(range.Length);
    }

    [Fact]
    public void ConsoleUrls_Requests_RoundTripsTheFilter()
    {
        var filter = new RequestFilter { Model = "a/b c", Text = RequestText.Parse("error:*"), Range = TimeRange.Parse("24h", null, null, Now) with { Compare = true } };
        ConsoleUrls.Requests(filter).ShouldBe("/requests?range=24h&compare=previous&q=error%3A*");
        filter = filter.Within(RequestField.Model, "a/b c");
        string url = ConsoleUrls.Requests(filter);
        RequestText.Parse(Uri.UnescapeDataString(url[(url.IndexOf("q=", StringComparison.Ordinal) + 2)..])).ToString().ShouldBe("error:* model:\"a/b c\"");
        ConsoleUrls.Requests(new RequestFilter { KeyId = "k" }).ShouldBe("/requests?range=7d&q=key%3Ak");
        ConsoleUrls.Requests(new RequestFilter()).ShouldBe("/requests");
    }

    [Theory]
    [InlineData(null, "–")]
    [InlineData(250L, "250 µs")]
    [InlineData(1_500L, "1.5 ms")]
    [InlineData(412_000L, "412 ms")]
    [InlineData(1_420_000L, "1.42 s")]
    [InlineData(90_000_000L, "1.5 min")]
    public void Show_Duration_ReadsWell(long? microseconds, string expected) => new Show().Duration(microseconds).ShouldBe(expected);

    [Theory]
    [InlineData(null, "unknown")]
    [InlineData(0L, "$0")]
    [InlineData(3_450L, "$0.00000345")]
    [InlineData(150_000_000L, "$0.150")]
    [InlineData(2_500_000_000L, "$2.50")]
    public void Show_Money_KnowsUnknownFromNothing(long? nano, string expected) =>
        new Show().Money(nano is { } value ? new Core.Catalog.NanoUsd(value) : null).ShouldBe(expected);

    [Fact]
    public void Icons_NamedByComponents_AreInTheSprite()
    {
        string web = Path.Combine(RepositoryRoot.Path, "Gateway.Web");
        string assets = File.ReadAllText(Path.Combine(web, "assets.mjs"));
        string[] missing = [.. Directory.EnumerateFiles(Path.Combine(web, "Components"), "*.razor", SearchOption.AllDirectories)
            .SelectMany(f => System.Text.RegularExpressions.Regex.Matches(File.ReadAllText(f), "<Icon Name=\"([a-z0-9-]+)\"|Icon=\"([a-z0-9-]+)\"").Select(m => m.Groups[1].Value + m.Groups[2].Value))
            .Distinct().Where(n => !assets.Contains($"'{n}'", StringComparison.Ordinal))];
        missing.ShouldBeEmpty();
    }
}
