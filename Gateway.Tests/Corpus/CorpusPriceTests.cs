using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Tests.Accounting.Prices;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Corpus;

public sealed class CorpusPriceTests(ITestOutputHelper output)
{
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Find_EveryModelOfTheRecordings_HasAPriceOrIsListedAsUnknown()
    {
        string documentation = File.ReadAllText(RepositoryRoot.File("docs", "prices.md"));
        var table = new PriceTable([]);
        var priced = new HashSet<string>();
        var unknown = new HashSet<string>();
        string[] wires =
        [
            "openai.chat", "openai.embeddings", "openai.completions", "openai.responses", "anthropic.messages", "gemini.generateContent", "gemini.embedContent",
            "bedrock.converse", "bedrock.invoke", "cohere.chat", "cohere.embed", "vertex.predict",
        ];
        foreach (RecordedExchange exchange in wires.SelectMany(RecordedExchange.Read))
        {
            if (exchange.Status >= 400)
            {
                continue;
            }
            Provider provider = TestProvider.Create(kind: KindOf(exchange.Wire), url: $"https://{exchange.Host}/");
            if ((exchange.Model ?? AnsweredModel(exchange)) is not { } model)
            {
                continue;
            }
            ModelPrice? price = table.Find(model, provider, Now)
                ?? (AnsweredModel(exchange) is { } answered ? table.Find(answered, provider, Now) : null);
            (price is null ? unknown : priced).Add($"{exchange.Host} `{model}`");
        }
        output.WriteLine($"{priced.Count} models priced, {unknown.Count} unknown: {string.Join(", ", unknown.Order())}");

        unknown.Where(u => !documentation.Contains(u[u.IndexOf('`')..], StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("anthropic", "claude-sonnet-4-5")]
    [InlineData("anthropic", "claude-opus-4-8")]
    [InlineData("gemini", "gemini-2.5-flash")]
    [InlineData("vertex", "gemini-2.5-pro")]
    [InlineData("gemini", "gemini-embedding-001")]
    [InlineData("cohere", "command-a-03-2025")]
    [InlineData("bedrock", "us.amazon.nova-lite-v1:0")]
    [InlineData("bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0")]
    public void Find_AFirstPartyModel_IsPricedSoThatABudgetCanHoldIt(string kind, string model)
    {
        ProviderKinds.TryParse(kind, out ProviderKind known).ShouldBeTrue();

        ModelPrice price = new PriceTable([]).Find(model, TestProvider.Create(kind: known), Now).ShouldNotBeNull();

        price.InputPerMillion!.Value.Value.ShouldBePositive();
        price.SourceUrl.ShouldStartWith("https://");
    }

    private static ProviderKind KindOf(string wire) => wire.Split('.')[0] switch
    {
        "anthropic" => ProviderKind.Anthropic,
        "gemini" => ProviderKind.Gemini,
        "vertex" => ProviderKind.Vertex,
        "bedrock" => ProviderKind.Bedrock,
        "cohere" => ProviderKind.Cohere,
        _ => ProviderKind.OpenAICompatible,
    };

    private static string? AnsweredModel(RecordedExchange exchange) =>
        exchange.Answers().Select(a => a.ValueKind == JsonValueKind.Object && a.TryGetProperty("model", out JsonElement m) ? m.GetString() : null)
            .FirstOrDefault(m => !string.IsNullOrEmpty(m));
}
