using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Configuration;

public class FileLimitsTests
{
    [Fact]
    public void Read_TeamsLimitsBudgets_BecomeScopesOfTheKeys()
    {
        using var test = new TestConfiguration();
        var read = test.Yaml("""
            teams:
              - {name: search, owners: [ada@example.com], allowed_models: [gpt*], description: Finds things.}
              - {name: closed, active: false}
            keys:
              - {name: k, key: sk-k, team: search, owner: bob@example.com, max_parallel: 3, rpm_limit: 5}
              - {name: l, key: sk-l, team: closed}
            models: [{name: gpt}]
            providers: [{name: sim, kind: simulated}]
            limits:
              - {scope: gateway, rpm_limit: 1000, tpm_limit: 2000, max_parallel: 50}
              - {scope: team, of: search, rpm_limit: 100}
              - {scope: model, of: gpt, max_parallel: 4}
              - {scope: provider, of: sim, tpm_limit: 9}
            budgets:
              - {name: monthly, scope: team, of: search, amount_usd: 120.50, time_zone: Europe/Berlin}
              - {name: trial, scope: key, of: k, amount_usd: "5", period: fixed, starts_at: 2026-01-01T00:00:00Z, ends_at: 2026-02-01T00:00:00Z, hard: false}
              - {name: all, scope: gateway, amount_usd: 1000, period: week, extra_usd: 50, extra_until: 2026-12-31T00:00:00Z}
              - {name: off, scope: gateway, amount_usd: 1, active: false}
            """).Read();
        CatalogSnapshot.Build(read.Catalog, CatalogSnapshot.Empty, out CatalogSnapshot? snapshot).ShouldBeEmpty();

        ApiKey key = snapshot!.Keys.Values.Concat(snapshot.Tokens.Values).Single(k => k.Name == "k");
        key.Team!.Name.ShouldBe("search");
        key.Scopes.Select(s => (s.Kind, s.Rpm, s.MaxParallel)).ShouldBe([(ScopeKind.Key, 5, 3), (ScopeKind.Team, 100, 0), (ScopeKind.Gateway, 1000, 50)]);
        key.Scopes.SelectMany(s => s.Budgets).Select(b => b.Name).ShouldBe(["trial", "monthly", "all"]);
        snapshot.Keys.Values.Concat(snapshot.Tokens.Values).Single(k => k.Name == "l").Team!.Active.ShouldBeFalse();
        read.Catalog.Keys.Single(k => k.Name == "k").Owner.ShouldBe("bob@example.com");

        Budget monthly = snapshot.Budgets.Values.Single(b => b.Name == "monthly");
        (monthly.Amount, monthly.Period, monthly.Zone.Id, monthly.Hard).ShouldBe((NanoUsd.FromDollars(120.5m), BudgetPeriod.Month, "Europe/Berlin", true));
        Budget trial = snapshot.Budgets.Values.Single(b => b.Name == "trial");
        (trial.Until, trial.Hard).ShouldBe((new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.Zero), false));
        Budget all = snapshot.Budgets.Values.Single(b => b.Name == "all");
        all.AmountAt(new DateTimeOffset(2026, 12, 30, 0, 0, 0, TimeSpan.Zero)).ShouldBe(NanoUsd.FromDollars(1050));
        snapshot.Budgets.Values.ShouldNotContain(b => b.Name == "off");
        read.Catalog.Teams.Select(t => t.Source).ShouldAllBe(s => s == EntrySource.File);
    }

    [Theory]
    [InlineData("teams: [{owners: [a]}]", "name")]
    [InlineData("teams: [{name: t, colour: red}]", "colour")]
    [InlineData("teams: [{name: t}, {name: t}]", "t")]
    [InlineData("limits: [{scope: planet, of: mars}]", "scope")]
    [InlineData("limits: [{scope: team, rpm_limit: 1}]", "of")]
    [InlineData("limits: [{scope: team, of: nobody, rpm_limit: 1}]", "There is no team \"nobody\"")]
    [InlineData("limits: [{scope: key, of: k, rpm_limit: 1}]", "key's limits stand with the key")]
    [InlineData("limits: [{scope: gateway, rpm_limit: 1}, {scope: gateway, tpm_limit: 1}]", "two limits of the same scope")]
    [InlineData("limits: [{scope: gateway, rpm_limit: -1}]", "rpm_limit")]
    [InlineData("budgets: [{scope: gateway, amount_usd: 1}]", "name")]
    [InlineData("budgets: [{name: b, scope: gateway}]", "amount_usd")]
    [InlineData("budgets: [{name: b, scope: gateway, amount_usd: lots}]", "amount_usd")]
    [InlineData("budgets: [{name: b, scope: gateway, amount_usd: 1, period: year}]", "day, week, month, fixed")]
    [InlineData("budgets: [{name: b, scope: gateway, amount_usd: 1, time_zone: Mars/Olympus}]", "IANA")]
    [InlineData("budgets: [{name: b, scope: gateway, amount_usd: 1, period: fixed, starts_at: 2026-02-01, ends_at: 2026-01-01}]", "ends after it starts")]
    [InlineData("budgets: [{name: b, scope: model, of: nothing, amount_usd: 1}]", "There is no model \"nothing\"")]
    [InlineData("budgets: [{name: b, scope: gateway, amount_usd: 1}, {name: b, scope: gateway, amount_usd: 2}]", "b")]
    [InlineData("keys: [{name: k, key: sk-k, team: nobody}]", "There is no team \"nobody\"")]
    [InlineData("keys: [{name: k, key: sk-k, max_parallel: -1}]", "max_parallel")]
    public void Read_WhatIsWrong_KeepsItFromStarting(string yaml, string expected)
    {
        using var test = new TestConfiguration();
        test.Yaml(yaml).ReadErrors().ShouldHaveSingleItem().ShouldContain(expected);
    }
}
