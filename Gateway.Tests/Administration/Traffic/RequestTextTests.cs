using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Web.Administration.Traffic;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration.Traffic;

public sealed class RequestTextTests
{
    [Theory]
    [InlineData("status:5xx model:gpt-4o", "status:5xx model:gpt-4o")]
    [InlineData("  -provider:x   Latency:>2s ", "-provider:x latency:>2s")]
    [InlineData("model:\"a b\"", "model:\"a b\"")]
    [InlineData("provider:\"\"", "provider:\"\"")]
    [InlineData("abc123", "id:abc123*")]
    [InlineData("0192f3a4b5c6d7e8f90a1b2c", "id:0192f3a4b5c6d7e8f90a1b2c")]
    [InlineData("model:\"never closed", "model:\"never closed\"")]
    [InlineData(":x", "id::x*")]
    [InlineData(null, "")]
    public void Parse_AnyText_ReadsBackAsItself(string? text, string expected)
    {
        string once = RequestText.Parse(text).ToString();
        once.ShouldBe(expected);
        RequestText.Parse(once).ToString().ShouldBe(once);
    }

    [Fact]
    public void With_AField_SaysThisAndNothingElseOfIt()
    {
        RequestText text = RequestText.Parse("model:a -model:b status:5xx");
        text.Of("model").ShouldBeNull();
        text.With("model", "c").ToString().ShouldBe("status:5xx model:c");
        text.With("model", null).ToString().ShouldBe("status:5xx");
    }

    [Theory]
    [InlineData("latency:soon", "latency takes")]
    [InlineData("status:9xx", "status takes")]
    [InlineData("stream:maybe", "stream takes")]
    [InlineData("cost:99999999999999999999", "cost takes")]
    [InlineData("latency:3s..1s", "latency takes")]
    [InlineData("colour:red", "There is no field \"colour\"")]
    public void Read_WhatMakesNoSense_IsLeftOutAndExplained(string text, string problem)
    {
        RequestTerms.Read(RequestText.Parse(text + " model:a"), new CatalogDefinition(), out IReadOnlyList<string> problems).Count.ShouldBe(1);
        problems.Single().ShouldContain(problem);
    }

    [Theory]
    [InlineData("latency:2s", 2_000_000, 2_000_000)]
    [InlineData("latency:>500ms", 500_001, long.MaxValue)]
    [InlineData("latency:<=1.5", long.MinValue, 1_500_000)]
    [InlineData("status:5xx", 500, 599)]
    [InlineData("input:2k..3k", 2_000, 3_000)]
    [InlineData("cost:>=$0.01", 10_000_000, long.MaxValue)]
    public void Read_Numbers_AreRanges(string text, long min, long max)
    {
        RequestTerm term = RequestTerms.Read(RequestText.Parse(text), new CatalogDefinition(), out _).Single();
        (term.Min, term.Max).ShouldBe((min, max));
    }

    [Fact]
    public void Read_KeysAndTeams_AreLookedUpByName()
    {
        ApiKeyDefinition Key(string id, string? team) => new() { Id = id, Name = "name of " + id, Prefix = "ml-" + id, Hash = default, Team = team };
        var catalog = new CatalogDefinition { Keys = [Key("k1", "t1"), Key("k2", "search"), Key("k3", null)], Teams = [new TeamDefinition { Id = "t1", Name = "search" }] };
        RequestTerm Read(string text) => RequestTerms.Read(RequestText.Parse(text), catalog, out _).Single();
        Read("key:\"name of k3\"").Values.ShouldBe(["k3"]);
        Read("key:gone").Values.ShouldBe(["gone"]);
        Read("team:search").Values.ShouldBe(["k1", "k2"], ignoreOrder: true);
        Read("team:nobody").Matches(new UsageRecord { KeyId = "k1" }).ShouldBeFalse();
        Read("-team:search").Matches(new UsageRecord { KeyId = "k3" }).ShouldBeTrue();
    }

    [Fact]
    public void Csv_WhatBeginsLikeAFormula_IsText()
    {
        Csv.Line(["=1+1", "@x", "-2", -2L, "a,b", "say \"hi\"", null, true]).ShouldBe("'=1+1,'@x,'-2,-2,\"a,b\",\"say \"\"hi\"\"\",,true");
    }
}
