using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Accounting.Prices;

public class DeploymentPriceTests
{
    [Theory]
    [InlineData(ProviderKind.AzureOpenAI, "builtin:gpt-4o-mini-2024-07-18@2024-07-18")]
    [InlineData(ProviderKind.OpenAICompatible, null)]
    public async Task Settle_UpstreamModelWithoutAPrice_TakesTheAnsweredNameOfADeploymentOnly(ProviderKind kind, string? version)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(
            Answers.Chat.Replace("\"real-model\"", "\"gpt-4o-mini-2024-07-18\"", StringComparison.Ordinal));
        CatalogDefinition catalog = TestGateway.ModelOver(upstream.Url);
        await using TestGateway gateway = await TestGateway.StartAsync(catalog with { Providers = [catalog.Providers[0] with { Kind = kind }] });

        (await gateway.ChatAsync()).EnsureSuccessStatusCode();

        UsageRecord record = await gateway.NextRecordAsync();
        record.PriceVersion.ShouldBe(version);
        (record.Cost is not null).ShouldBe(version is not null);
    }
}
