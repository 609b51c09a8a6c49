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
        foreach (RecordedExchange exchange in new[] { "openai.chat", "openai.embeddings", "openai.completions" }.SelectMany(RecordedExchange.Read))
        {
            if (exchange.Status >= 400)
            {
                continue;
            }
            Provider provider = TestProvider.Create(url: $"https://{exchange.Host}/");
            string model = exchange.Model ?? AnsweredModel(exchange)!;
            ModelPrice? price = table.Find(model, provider, Now)
                ?? (AnsweredModel(exchange) is { } answered ? table.Find(answered, provider, Now) : null);
            (price is null ? unknown : priced).Add($"{exchange.Host} `{model}`");
        }
        output.WriteLine($"{priced.Count} models priced, {unknown.Count} unknown: {string.Join(", ", unknown.Order())}");

        unknown.Where(u => !documentation.Contains(u[u.IndexOf('`')..], StringComparison.Ordinal)).ShouldBeEmpty();
    }

    private static string? AnsweredModel(RecordedExchange exchange) =>
        exchange.Answers().Select(a => a.ValueKind == JsonValueKind.Object && a.TryGetProperty("model", out JsonElement m) ? m.GetString() : null)
            .FirstOrDefault(m => !string.IsNullOrEmpty(m));
}
