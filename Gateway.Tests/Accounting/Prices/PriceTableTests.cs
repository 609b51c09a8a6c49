using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Accounting.Prices;

public sealed class PriceTableTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
    private readonly Provider _provider = TestProvider.Create();

    [Fact]
    public void Find_BuiltInModel_GivesItsPriceWithSourceAndDates()
    {
        ModelPrice price = new PriceTable([]).Find("gpt-4o-mini", _provider, Now).ShouldNotBeNull();

        price.InputPerMillion.ShouldBe(NanoUsd.FromDollars(0.15m));
        price.CachedInputPerMillion.ShouldBe(NanoUsd.FromDollars(0.075m));
        price.OutputPerMillion.ShouldBe(NanoUsd.FromDollars(0.60m));
        price.Version.ShouldBe("builtin:gpt-4o-mini@2024-07-18");
        price.SourceUrl.ShouldNotBeNull();
        price.ReadOn.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("2024-06-01", "5", "gpt-4o")]
    [InlineData("2024-11-01", "2.5", "gpt-4o")]
    [InlineData("2024-11-01", "5", "gpt-4o-2024-05-13")]
    [InlineData("2024-11-01", "2.5", "gpt-4o-2024-08-06")]
    public void Find_PriceThatChanged_GivesTheOneInForce(string day, string dollars, string model)
    {
        var at = new DateTimeOffset(DateOnly.Parse(day, null), TimeOnly.MinValue, TimeSpan.Zero);

        new PriceTable([]).Find(model, _provider, at)!.InputPerMillion!.Value.ToString().ShouldBe(dollars);
    }

    [Theory]
    [InlineData("gpt-4o-mini-2031-01-01")]
    [InlineData("gpt-4o-audio-preview")]
    [InlineData("GPT-4o")]
    [InlineData("")]
    public void Find_NameThatNoPriceNames_IsUnknown(string model) =>
        new PriceTable([]).Find(model, _provider, Now).ShouldBeNull();

    [Fact]
    public void Find_BeforeTheFirstPrice_IsUnknown() =>
        new PriceTable([]).Find("gpt-4o-mini", _provider, new DateTimeOffset(2023, 1, 1, 0, 0, 0, TimeSpan.Zero)).ShouldBeNull();

    [Fact]
    public void Find_PriceOfOneHost_HoldsThereOnly()
    {
        Provider groq = TestProvider.Create("fast", url: "https://api.groq.com/openai/v1/");

        new PriceTable([]).Find("openai/gpt-oss-120b", groq, Now)!.InputPerMillion.ShouldBe(NanoUsd.FromDollars(0.15m));
        new PriceTable([]).Find("openai/gpt-oss-120b", _provider, Now).ShouldBeNull();
    }

    [Fact]
    public void Find_Simulated_IsFreeWhateverTheModel()
    {
        Provider simulated = TestProvider.Create(kind: ProviderKind.Simulated, url: null);

        ModelPrice price = new PriceTable([]).Find("gpt-4o", simulated, Now).ShouldNotBeNull();

        CostCalculator.Cost(new Usage(UsageSource.Reported, 10, 0, 0, 10, 0), price).ShouldBe(NanoUsd.Zero);
    }

    [Fact]
    public void Find_Override_WinsOverTheBuiltIn()
    {
        var table = new PriceTable([Price("gpt-4o-mini", 1, "own")]);

        table.Find("gpt-4o-mini", _provider, Now)!.Version.ShouldBe("own");
        table.Find("gpt-4o", _provider, Now)!.Version.ShouldStartWith("builtin:");
    }

    [Fact]
    public void Find_OverrideNotYetInForce_LeavesTheBuiltIn()
    {
        var table = new PriceTable([Price("gpt-4o-mini", 1, "own") with { EffectiveFrom = Now.AddDays(1) }]);

        table.Find("gpt-4o-mini", _provider, Now)!.Version.ShouldStartWith("builtin:");
        table.Find("gpt-4o-mini", _provider, Now.AddDays(2))!.Version.ShouldBe("own");
    }

    [Fact]
    public void Find_Patterns_ExactThenLongestThenShorter()
    {
        var table = new PriceTable([Price("local-*", 1, "short"), Price("local-llama-*", 2, "long"), Price("local-llama-7b", 3, "exact")]);

        table.Find("local-llama-7b", _provider, Now)!.Version.ShouldBe("exact");
        table.Find("local-llama-8b", _provider, Now)!.Version.ShouldBe("long");
        table.Find("local-qwen", _provider, Now)!.Version.ShouldBe("short");
    }

    [Theory]
    [InlineData("p")]
    [InlineData("openai-compatible")]
    [InlineData("api.example.com")]
    public void Find_PriceForThisProvider_WinsOverOneForAny(string provider)
    {
        var table = new PriceTable([Price("m", 1, "any"), Price("m", 2, "this") with { Provider = provider }, Price("m", 3, "other") with { Provider = "q" }]);

        table.Find("m", _provider, Now)!.Version.ShouldBe("this");
    }

    [Fact]
    public void Find_SecondTime_AllocatesNothing()
    {
        var table = new PriceTable([]);
        table.Find("gpt-4o-mini", _provider, Now);

        // The best of several: the runtime may compile the method anew in the middle of one, on this thread.
        Enumerable.Range(0, 10).Min(_ =>
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
            {
                table.Find("gpt-4o-mini", _provider, Now);
            }
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }).ShouldBe(0);
    }

    [Fact]
    public void BuiltIn_EveryPrice_IsCompleteAndNamedOnce()
    {
        PriceTable.BuiltIn.ShouldAllBe(p => p.InputPerMillion != null && p.ReadOn != null && p.SourceUrl!.StartsWith("https://", StringComparison.Ordinal));
        PriceTable.BuiltIn.ShouldAllBe(p => p.CachedInputPerMillion == null || p.CachedInputPerMillion.Value.Value < p.InputPerMillion!.Value.Value);
        PriceTable.BuiltIn.Select(p => p.Version).ShouldBeUnique();
    }

    [Fact]
    public void FindVersion_OfWhatFindGave_IsTheSame()
    {
        var table = new PriceTable([Price("m", 1, "own")]);

        table.FindVersion("own").ShouldBe(table.Find("m", _provider, Now));
        table.FindVersion("builtin:gpt-4o-mini@2024-07-18").ShouldBe(table.Find("gpt-4o-mini", _provider, Now));
        table.FindVersion("gone").ShouldBeNull();
    }

    private static ModelPrice Price(string model, int dollars, string version) => new()
    {
        Model = model,
        InputPerMillion = NanoUsd.FromDollars(dollars),
        OutputPerMillion = NanoUsd.FromDollars(dollars),
        Version = version,
    };
}
