using System.Net;
using System.Text.Json;
using Gateway.Core;
using Gateway.Core.Accounting;
using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Tests.Cluster;
using Gateway.Tests.Hosting;
using Gateway.Web.Telemetry;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Budgets;

/// <summary>A hard budget over a model whose price is not known, which it can never stop: that is said, or such calls are refused.</summary>
public sealed class UnpricedModelTests
{
    [Theory]
    [InlineData(ScopeKind.Key)]
    [InlineData(ScopeKind.Provider)]
    public async Task Refused_WhereOperatorsWantThat_AndTheErrorSaysWhatToDo(ScopeKind scope)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(Budgeted(upstream.Url, scope), new GatewayOptions { MaxRetries = 0, RefuseUnpriced = true });

        using HttpResponseMessage refused = await gateway.ChatAsync();

        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        JsonElement error = JsonElement.Parse(await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).GetProperty("error");
        error.GetProperty("code").GetString().ShouldBe("price_unknown");
        error.GetProperty("message").GetString()!.ShouldContain("\"spend\"");
        upstream.Seen.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task Served_WhereTheBudgetIsSoftOrThePriceIsKnown(bool priced, bool hard)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        CatalogDefinition catalog = Budgeted(upstream.Url, ScopeKind.Key);
        catalog = catalog with
        {
            Prices = priced ? [new ModelPrice { Model = "real-model", InputPerMillion = NanoUsd.Zero, OutputPerMillion = NanoUsd.Zero, Version = "test" }] : [],
            Budgets = [catalog.Budgets[0] with { Hard = hard }],
        };
        await using TestGateway gateway = await TestGateway.StartAsync(catalog, new GatewayOptions { MaxRetries = 0, RefuseUnpriced = true });

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await gateway.NextRecordAsync()).UncountedBy.ShouldBeNull();
    }

    [Fact]
    public async Task Allowed_OneLineForEachModelNamesTheBudget()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(Budgeted(upstream.Url, ScopeKind.Key));
        var lines = new LogLines<UnpricedModelLog>();
        var log = new UnpricedModelLog(lines);

        for (int i = 0; i < 3; i++)
        {
            (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
            log.Observe(await gateway.NextRecordAsync());
        }

        lines.Lines.ShouldHaveSingleItem().ShouldContain("\"spend\" does not count calls of real-model at provider-0");
    }

    private static CatalogDefinition Budgeted(Uri upstream, ScopeKind scope) => TestGateway.ModelOver(upstream) with
    {
        Keys = [TestGateway.KeyOf(TestGateway.Key)],
        Budgets =
        [
            new BudgetDefinition
            {
                Id = "b",
                Name = "spend",
                Scope = scope,
                Of = scope == ScopeKind.Key ? TestGateway.Key : "p0",
                Amount = NanoUsd.FromDollars(1),
                Period = BudgetPeriod.Day,
            },
        ],
    };
}
