using System.Text.Json.Nodes;
using Gateway.Tests.Administration;
using Microsoft.AspNetCore.WebUtilities;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Security.SignIn;

/// <summary>What Entra ID's answers look like, as its documentation says. Nothing here asks Microsoft.</summary>
public sealed class EntraSignInTests
{
    private const string Directory = "8c7a1f4e-5a52-4a3e-9c4e-0d6f7f0b1a2b";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AzureAdSection_AsItStandsInMicrosoftsTemplates_SignsInByApplicationRole()
    {
        await using SignInProduct product = await StartAsync(
            Directory,
            ("AzureAd:ClientCredentials:0:SourceType", "ClientSecret"),
            ("AzureAd:ClientCredentials:0:ClientSecret", "the-secret"),
            ("AzureAd:Domain", "example.onmicrosoft.com"),
            ("AzureAd:SignedOutCallbackPath", "/signout-callback-oidc"),
            ("Gateway:SignIn:Rules:0:Claim", "roles"),
            ("Gateway:SignIn:Rules:0:Value", "Gateway.Admin"));
        product.Provider.Claims = Person();
        HttpClient browser = product.Product.Browser();

        Uri authorize = await SignInProduct.BeginAsync(browser, provider: "entra");
        authorize.AbsolutePath.ShouldBe($"/{Directory}/v2.0/authorize");
        QueryHelpers.ParseQuery(authorize.Query)["redirect_uri"].ToString().ShouldBe("http://localhost/signin-oidc");
        QueryHelpers.ParseQuery(authorize.Query)["response_type"].ToString().ShouldBe("code");

        (await SignInProduct.ReturnAsync(browser, product.Provider.Agree(authorize).PathAndQuery)).ShouldBe("/keys");
        (await browser.GetStringAsync("/settings", Cancel)).ShouldContain("<html");
    }

    [Theory]
    [InlineData(Directory, "/keys")]
    [InlineData("not-a-guid", "problem=token")]
    [InlineData(null, "problem=token")]
    public async Task Organizations_WhoseIssuerIsATemplate_TakesTheTokensDirectory(string? tid, string expected)
    {
        await using SignInProduct product = await StartAsync("organizations", ("AzureAd:ClientSecret", "the-secret"), ("Gateway:SignIn:Rules:0:Claim", "roles"), ("Gateway:SignIn:Rules:0:Value", "Gateway.Admin"));
        string root = product.Provider.Authority[..^"/organizations/v2.0".Length];
        product.Provider.Issuer = root + "/{tenantid}/v2.0";
        product.Provider.Claims = Person();
        product.Provider.Claims["tid"] = tid;
        product.Provider.Payload = payload => payload["iss"] = $"{root}/{tid}/v2.0";
        (await product.SignInAsync(product.Product.Browser(), provider: "entra")).ShouldContain(expected);
    }

    [Fact]
    public async Task Organizations_WithAnIssuerOfAnotherDirectoryThanTheTokens_IsRefused()
    {
        await using SignInProduct product = await StartAsync("organizations", ("AzureAd:ClientSecret", "the-secret"));
        string root = product.Provider.Authority[..^"/organizations/v2.0".Length];
        product.Provider.Issuer = root + "/{tenantid}/v2.0";
        product.Provider.Claims = Person();
        product.Provider.Payload = payload => payload["iss"] = $"{root}/{Guid.Empty}/v2.0";
        (await product.SignInAsync(product.Product.Browser(), provider: "entra")).ShouldContain("problem=token");
    }

    [Theory]
    [InlineData(Directory, "/keys")]
    [InlineData("organizations", "problem=no-role")]
    public async Task Email_CountsOnlyOfADirectoryOfOnesOwn(string tenant, string expected)
    {
        await using SignInProduct product = await StartAsync(
            tenant, ("AzureAd:ClientSecret", "the-secret"), ("Gateway:SignIn:Rules:0:Claim", "email"), ("Gateway:SignIn:Rules:0:Value", "Ada@Example.com"));
        product.Provider.Claims = Person();
        product.Provider.Claims["email"] = "ada@example.com";
        (await product.SignInAsync(product.Product.Browser(), provider: "entra")).ShouldContain(expected);
    }

    [Theory]
    [InlineData("""{"_claim_names":{"groups":"src1"},"_claim_sources":{"src1":{"endpoint":"https://graph.windows.net/x/users/y/getMemberObjects"}}}""")]
    [InlineData("""{"hasgroups":true}""")]
    public async Task Groups_ThatWereLeftOut_AreSaidSo(string claims)
    {
        await using SignInProduct product = await StartAsync(Directory, ("AzureAd:ClientSecret", "the-secret"));
        product.Provider.Claims = Person();
        foreach ((string name, JsonNode? value) in JsonNode.Parse(claims)!.AsObject())
        {
            product.Provider.Claims[name] = value!.DeepClone();
        }
        HttpClient browser = product.Product.Browser();
        string location = await product.SignInAsync(browser, provider: "entra");
        location.ShouldContain("problem=too-many-groups");
        (await browser.GetStringAsync(location, Cancel)).ShouldContain("Microsoft knows you, but left out your groups");
    }

    private static JsonObject Person() => new()
    {
        ["sub"] = "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
        ["oid"] = "00000000-0000-0000-66f3-3332eca7ea81",
        ["tid"] = Directory,
        ["ver"] = "2.0",
        ["name"] = "Ada Lovelace",
        ["preferred_username"] = "ada@example.com",
        ["roles"] = new JsonArray("Gateway.Admin"),
    };

    private static async Task<SignInProduct> StartAsync(string tenant, params (string Key, string Value)[] settings)
    {
        ScriptedProvider provider = await ScriptedProvider.StartAsync($"/{tenant}/v2.0");
        return await SignInProduct.StartAsync(provider,
        [
            ("AzureAd:Instance", provider.Authority[..^$"{tenant}/v2.0".Length]),
            ("AzureAd:TenantId", tenant),
            ("AzureAd:ClientId", "console"),
            ("AzureAd:CallbackPath", "/signin-oidc"),
            .. settings,
        ]);
    }
}
