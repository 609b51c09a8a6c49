using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Tests.Administration;
using Gateway.Web.Administration;
using Gateway.Web.Administration.SignIn;
using Gateway.Web.Security;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Security.SignIn;

public sealed class SignInRulesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("groups", "admins", true)]
    [InlineData("groups", "Admins", false)]
    [InlineData("email", "ADA@example.com", true)]
    [InlineData("domain", "Example.com", true)]
    [InlineData("domain", "ample.com", false)]
    [InlineData("subject", "s-1", true)]
    [InlineData("subject", "*", true)]
    [InlineData("department", "*", false)]
    public async Task Rule_FitsByItsClaim(string claim, string value, bool fits)
    {
        await using SignInProduct product = await SignInProduct.StartAsync(("Gateway:SignIn:Rules:0:Claim", claim), ("Gateway:SignIn:Rules:0:Value", value));
        (await product.SignInAsync(product.Product.Browser())).ShouldContain(fits ? "/keys" : "problem=no-role");
    }

    [Theory]
    [InlineData(null, null, false)]
    [InlineData("false", null, false)]
    [InlineData("true", null, true)]
    [InlineData(null, "true", true)]
    public async Task EmailRule_OfAnAddressThatNobodyVouchesFor_DoesNotFit(string? verified, string? trust, bool fits)
    {
        await using SignInProduct product = await SignInProduct.StartAsync(
            ("Gateway:SignIn:Rules:0:Claim", "domain"), ("Gateway:SignIn:Rules:0:Value", "example.com"), ("Gateway:SignIn:Providers:acme:TrustEmail", trust ?? "false"));
        product.Provider.Claims.Remove("email_verified");
        if (verified is not null)
        {
            product.Provider.Claims["email_verified"] = bool.Parse(verified);
        }
        (await product.SignInAsync(product.Product.Browser())).ShouldContain(fits ? "/keys" : "problem=no-role");
    }

    [Theory]
    [InlineData("domain")]
    [InlineData("said:groups")]
    [InlineData("http://schemas.microsoft.com/ws/2008/06/identity/claims/role")]
    public async Task Claim_NamedLikeOneOfOurs_GivesNothing(string claim)
    {
        await using SignInProduct product = await SignInProduct.StartAsync(
            ("Gateway:SignIn:DefaultRole", "viewer"), ("Gateway:SignIn:Rules:0:Claim", "domain"), ("Gateway:SignIn:Rules:0:Value", "evil.example"));
        product.Provider.Claims = new JsonObject { ["sub"] = "s-2", [claim] = claim.Contains("role", StringComparison.Ordinal) ? "administrator" : "evil.example" };
        HttpClient browser = product.Product.Browser();
        (await product.SignInAsync(browser)).ShouldBe("/keys");
        (await browser.GetAsync("/admin/v1/sign-in/rules", 403)).GetProperty("status").GetInt32().ShouldBe(403);
    }

    [Fact]
    public async Task Rules_SavedOverTheApi_AreInForceForOpenSessions()
    {
        await using SignInProduct product = await SignInProduct.StartAsync();
        await product.Admin.PutAsync("/admin/v1/sign-in/rules", """{"rules":[{"claim":"groups","value":"staff","role":"viewer"}]}""");
        product.Provider.Claims["groups"] = new JsonArray("staff");
        HttpClient browser = product.Product.Browser();
        (await product.SignInAsync(browser)).ShouldBe("/keys");
        (await browser.GetAsync("/admin/v1/keys", 403)).ValueKind.ShouldBe(JsonValueKind.Object);

        await product.Admin.PutAsync("/admin/v1/sign-in/rules", """{"rules":[{"claim":"groups","value":"staff","role":"administrator"}]}""");
        (await browser.GetAsync("/admin/v1/keys", 200)).ValueKind.ShouldBe(JsonValueKind.Array);

        await product.Admin.PutAsync("/admin/v1/sign-in/rules", """{"rules":[]}""");
        (await SignInProduct.IsSignedInAsync(browser)).ShouldBeFalse();
        JsonElement audit = await product.Admin.GetAsync("/admin/v1/audit?action=sign-in-rules.update", 200);
        audit.GetArrayLength().ShouldBe(3);
    }

    [Fact]
    public async Task Rules_ThatAreWrong_AreRefusedWithEveryReason()
    {
        await using SignInProduct product = await SignInProduct.StartAsync();
        JsonElement problem = await product.Admin.PutAsync(
            "/admin/v1/sign-in/rules",
            """{"default_role":"administrator","rules":[{"claim":"","value":"","role":"king"},{"provider":"nobody","claim":"groups","value":"x","role":"viewer","teams":["none"]}]}""",
            400);
        problem.Paths().ShouldBe(["default_role", "rules[0].claim", "rules[0].value", "rules[0].role", "rules[1].teams", "rules[1].provider", "rules[1].teams"]);
    }

    // Null where a rule or all of them should be was a 500.
    [Theory]
    [InlineData("""{"rules":null}""", "rules")]
    [InlineData("""{"rules":[null]}""", "rules[0]")]
    public async Task Rules_ThatAreNull_AreRefused(string change, string path)
    {
        await using SignInProduct product = await SignInProduct.StartAsync();
        (await product.Admin.PutAsync("/admin/v1/sign-in/rules", change, 400)).Paths().ShouldBe([path]);
    }

    [Fact]
    public async Task Rules_ChangedBySomebodyElseMeanwhile_AreNotOverwritten()
    {
        await using SignInProduct product = await SignInProduct.StartAsync();
        string version = (await product.Admin.PutAsync("/admin/v1/sign-in/rules", """{"rules":[]}""")).GetProperty("version").GetString()!;
        await product.Admin.PutAsync("/admin/v1/sign-in/rules", $$"""{"version":"{{version}}","default_role":"viewer","rules":[]}""");
        await product.Admin.PutAsync("/admin/v1/sign-in/rules", $$"""{"version":"{{version}}","rules":[]}""", 409);
    }

    [Fact]
    public async Task Change_ThatWouldLockItsEditorOut_IsRefused()
    {
        await using SignInProduct product = await SignInProduct.StartAsync(("Gateway:SignIn:Rules:0:Value", "nobody"));
        await product.Admin.PutAsync("/admin/v1/sign-in/rules", """{"rules":[{"claim":"subject","value":"s-1","role":"administrator"}]}""");
        HttpClient browser = product.Product.Browser();
        (await product.SignInAsync(browser)).ShouldBe("/keys");
        browser.DefaultRequestHeaders.Add("Sec-Fetch-Site", "same-origin");

        JsonElement problem = await browser.PutAsync("/admin/v1/sign-in/rules", """{"rules":[{"claim":"subject","value":"s-1","role":"none"},{"claim":"subject","value":"s-1","role":"administrator"}]}""", 400);
        problem.GetProperty("detail").GetString()!.ShouldContain("you would not be an administrator any more");
        await browser.PutAsync("/admin/v1/sign-in/rules", """{"rules":[{"claim":"subject","value":"*","role":"administrator"}]}""");
    }

    [Fact]
    public async Task Preview_OfPastedClaims_NamesTheRoleAndTheRuleThatDecided()
    {
        await using SignInProduct product = await SignInProduct.StartAsync();
        JsonElement view = await product.Admin.PostAsync(
            "/admin/v1/sign-in/preview", """{"provider":"acme","claims":{"sub":"x","email":"b@example.com","groups":["z","readers"]}}""", 200);
        view.GetProperty("role").GetString().ShouldBe("viewer");
        view.GetProperty("rule_number").GetInt32().ShouldBe(2);
        view.GetProperty("notes").GetArrayLength().ShouldBe(1);
        await product.Admin.PostAsync("/admin/v1/sign-in/preview", """{"provider":"other","claims":{}}""", 400);
    }

    [Fact]
    public async Task OperatorOfATeam_ChangesItsKeysBudgetsAndLimits_AndNothingElse()
    {
        await using SignInProduct product = await SignInProduct.StartAsync();
        string search = (await product.Admin.PostAsync("/admin/v1/teams", """{"name":"search"}""")).Id();
        string other = (await product.Admin.PostAsync("/admin/v1/teams", """{"name":"billing"}""")).Id();
        IServiceProvider services = product.Product.Services;
        var actor = new Actor("acme:ada@example.com", [search]);
        KeyAdministration keys = services.GetRequiredService<KeyAdministration>();
        BudgetAdministration budgets = services.GetRequiredService<BudgetAdministration>();
        LimitAdministration limits = services.GetRequiredService<LimitAdministration>();

        var mine = await keys.CreateAsync(new KeyChange { Name = "mine", Team = "search" }, actor, Cancel);
        mine.Outcome.ShouldBe(AdministrationOutcome.Done);
        var theirs = await keys.CreateAsync(new KeyChange { Name = "theirs", Team = "billing" }, Actor.AdminKey, Cancel);
        var nobodys = await keys.CreateAsync(new KeyChange { Name = "nobodys" }, Actor.AdminKey, Cancel);

        (await keys.CreateAsync(new KeyChange { Name = "a" }, actor, Cancel)).Outcome.ShouldBe(AdministrationOutcome.Forbidden);
        (await keys.CreateAsync(new KeyChange { Name = "b", Team = other }, actor, Cancel)).Outcome.ShouldBe(AdministrationOutcome.Forbidden);
        (await keys.UpdateAsync(mine.Value!.ApiKey.Id, new KeyChange { Team = other }, actor, Cancel)).Outcome.ShouldBe(AdministrationOutcome.Forbidden);
        (await keys.UpdateAsync(theirs.Value!.ApiKey.Id, new KeyChange { Team = search }, actor, Cancel)).Outcome.ShouldBe(AdministrationOutcome.Forbidden);
        (await keys.RevokeAsync(nobodys.Value!.ApiKey.Id, actor, Cancel)).Outcome.ShouldBe(AdministrationOutcome.Forbidden);
        (await keys.GetAsync(mine.Value.ApiKey.Id, Cancel)).Value!.Team.ShouldBe("search");
        (await keys.UpdateAsync(mine.Value.ApiKey.Id, new KeyChange { RpmLimit = 5 }, actor, Cancel)).Outcome.ShouldBe(AdministrationOutcome.Done);

        BudgetChange Budget(string name, string scope, string? of) => new() { Name = name, Scope = scope, Of = of, AmountUsd = new Gateway.Core.Catalog.NanoUsd(1_000_000_000) };
        var budget = await budgets.CreateAsync(Budget("one", "team", search), actor, Cancel);
        budget.Outcome.ShouldBe(AdministrationOutcome.Done);
        (await budgets.CreateAsync(Budget("two", "key", mine.Value.ApiKey.Id), actor, Cancel)).Outcome.ShouldBe(AdministrationOutcome.Done);
        (await budgets.CreateAsync(Budget("three", "key", theirs.Value.ApiKey.Id), actor, Cancel)).Outcome.ShouldBe(AdministrationOutcome.Forbidden);
        (await budgets.CreateAsync(Budget("four", "gateway", null), actor, Cancel)).Outcome.ShouldBe(AdministrationOutcome.Forbidden);
        (await budgets.UpdateAsync(budget.Value!.Id, new BudgetChange { Scope = "team", Of = other }, actor, Cancel)).Outcome.ShouldBe(AdministrationOutcome.Forbidden);
        budgets.List(actor).Select(b => b.Name).ShouldBe(["one", "two"]);

        (await limits.SetAsync("team", search, new LimitChange { RpmLimit = 10 }, actor, Cancel)).Outcome.ShouldBe(AdministrationOutcome.Done);
        (await limits.SetAsync("team", other, new LimitChange { RpmLimit = 10 }, actor, Cancel)).Outcome.ShouldBe(AdministrationOutcome.Forbidden);
        (await limits.SetAsync("gateway", "-", new LimitChange { RpmLimit = 10 }, actor, Cancel)).Outcome.ShouldBe(AdministrationOutcome.Forbidden);
        limits.List(actor).Count().ShouldBe(1);

        (await services.GetRequiredService<TeamAdministration>().UpdateAsync(search, new TeamChange { Active = false }, actor, Cancel)).Outcome.ShouldBe(AdministrationOutcome.Forbidden);
        (await services.GetRequiredService<ModelAdministration>().CreateAsync(new ModelChange { Name = "m" }, actor, Cancel)).Outcome.ShouldBe(AdministrationOutcome.Forbidden);
    }

    [Fact]
    public async Task OperatorOfATeam_WhoseTeamIsGone_IsOperatorOfNone()
    {
        await using SignInProduct product = await SignInProduct.StartAsync();
        string team = (await product.Admin.PostAsync("/admin/v1/teams", """{"name":"search"}""")).Id();
        JsonElement saved = await product.Admin.PutAsync("/admin/v1/sign-in/rules", """{"rules":[{"claim":"groups","value":"seekers","role":"operator","teams":["search"]}]}""");
        saved.GetProperty("rules")[0].GetProperty("teams")[0].GetString().ShouldBe(team);
        SignInRulesAdministration rules = product.Product.Services.GetRequiredService<SignInRulesAdministration>();
        var person = new SignInPerson("acme", [("groups", "seekers")]);
        (await rules.DecideAsync(person, Cancel)).Teams.ShouldBe([team]);

        await product.Admin.SendAsync(HttpMethod.Delete, $"/admin/v1/teams/{team}", 204);

        SignInDecision decision = await rules.DecideAsync(person, Cancel);
        ClaimsPrincipal user = ConsoleSession.Begin(new ConsoleAccount("x", decision.Role, "s", decision.Teams, person), DateTimeOffset.UnixEpoch);
        Actor actor = ConsoleSession.ActorOf(user);
        actor.Teams.ShouldBe([]);
        actor.IsOperatorOf(team).ShouldBeFalse();
        actor.IsOperatorOf(null).ShouldBeFalse();
    }

    [Fact]
    public async Task ActorName_OfSomebodyWhoCallsThemselvesAdmin_IsNotTheLocalAdministrators()
    {
        await using SignInProduct product = await SignInProduct.StartAsync();
        product.Provider.Claims = new JsonObject { ["sub"] = "s-3", ["preferred_username"] = "admin", ["groups"] = new JsonArray("admins") };
        HttpClient browser = product.Product.Browser();
        await product.SignInAsync(browser);
        browser.DefaultRequestHeaders.Add("Sec-Fetch-Site", "same-origin");
        await browser.PostAsync("/admin/v1/teams", """{"name":"mine"}""");
        (await product.Admin.GetAsync("/admin/v1/audit?action=team.create", 200))[0].GetProperty("actor").GetString().ShouldBe("acme:admin (s-3)");
    }
}
