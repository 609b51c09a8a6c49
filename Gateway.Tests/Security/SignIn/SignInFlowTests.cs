using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Tests.Administration;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Security.SignIn;

public sealed class SignInFlowTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SignIn_WithAGroupThatHasARole_OpensThePageThatWasAskedFor()
    {
        await using SignInProduct product = await SignInProduct.StartAsync();
        HttpClient browser = product.Product.Browser();

        Uri authorize = await SignInProduct.BeginAsync(browser);
        var query = QueryHelpers.ParseQuery(authorize.Query);
        query["response_type"].ToString().ShouldBe("code");
        query["code_challenge_method"].ToString().ShouldBe("S256");
        query["nonce"].ToString().Length.ShouldBeGreaterThan(20);
        query["scope"].ToString().ShouldBe("openid profile email");

        (await SignInProduct.ReturnAsync(browser, product.Provider.Agree(authorize).PathAndQuery)).ShouldBe("/keys");
        (await browser.GetStringAsync("/settings", Cancel)).ShouldContain("<html");
        (await browser.GetAsync("/admin/v1/sign-in/rules", 200)).GetProperty("declared").GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public async Task SignInPage_WithAProvider_HasAButtonForItBesideTheLocalForm()
    {
        await using SignInProduct product = await SignInProduct.StartAsync();
        string page = await product.Product.Browser().GetStringAsync("/login", Cancel);
        page.ShouldContain("Continue with Acme");
        page.ShouldContain("name=\"password\"");
    }

    [Fact]
    public async Task SignInPage_WithoutTheLocalAdministrator_HasNoForm_AndTheFormsAddressLetsNobodyIn()
    {
        await using SignInProduct product = await SignInProduct.StartAsync(("Gateway:SignIn:Local", "false"));
        HttpClient browser = product.Product.Browser();
        (await browser.GetStringAsync("/login", Cancel)).ShouldNotContain("name=\"password\"");

        (await product.SignInAsync(browser)).ShouldBe("/keys");
        // The token that the form would have had, from the page that signs out.
        string token = await browser.TokenAsync("/keys");
        HttpResponseMessage tried = await browser.PostAsync(
            "/login", ConsoleClient.Form(("userName", "admin"), ("password", "the-password-of-the-test"), ("__RequestVerificationToken", token)), Cancel);
        tried.Headers.Location!.ToString().ShouldContain("problem=refused");
    }

    [Fact]
    public async Task SignOut_LeadsToTheProviderWithTheIdToken_AndTheSessionIsOver()
    {
        await using SignInProduct product = await SignInProduct.StartAsync();
        HttpClient browser = product.Product.Browser();
        await product.SignInAsync(browser);

        HttpResponseMessage left = await browser.PostAsync("/logout", ConsoleClient.Form(("__RequestVerificationToken", await browser.TokenAsync("/keys"))), Cancel);
        string page = WebUtility.HtmlDecode(await left.Content.ReadAsStringAsync(Cancel));

        page.ShouldContain($"0;url={product.Provider.Authority}/bye?");
        page.ShouldContain("id_token_hint=ey");
        page.ShouldContain("post_logout_redirect_uri=http%3A%2F%2Flocalhost%2Fsignout-callback-oidc%2Facme");
        (await SignInProduct.IsSignedInAsync(browser)).ShouldBeFalse();

        string state = page[(page.IndexOf("&state=", StringComparison.Ordinal) + 7)..];
        HttpResponseMessage back = await browser.GetAsync("/signout-callback-oidc/acme?state=" + state[..state.IndexOfAny(['&', '"'])], Cancel);
        back.Headers.Location!.ToString().ShouldBe("/login");
    }

    [Fact]
    public async Task SignOut_OfAProviderThatOffersNoPlaceForIt_SaysThatItsOwnSessionGoesOn()
    {
        await using SignInProduct product = await SignInProduct.StartAsync();
        product.Provider.OffersSignOut = false;
        HttpClient browser = product.Product.Browser();
        await product.SignInAsync(browser);

        HttpResponseMessage left = await browser.PostAsync("/logout", ConsoleClient.Form(("__RequestVerificationToken", await browser.TokenAsync("/keys"))), Cancel);

        await SignInProduct.ShouldHaveFailedAsync(browser, left.Headers.Location!.ToString(), "still-signed-in");
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    public async Task SignIn_WithAReturnUrlElsewhere_StaysOnThisSite(string returnUrl)
    {
        await using SignInProduct product = await SignInProduct.StartAsync();
        (await product.SignInAsync(product.Product.Browser(), returnUrl)).ShouldBe("/");
    }

    [Fact]
    public async Task SignIn_WithoutARole_SaysWhatToDo()
    {
        await using SignInProduct product = await SignInProduct.StartAsync();
        product.Provider.Claims["groups"] = new JsonArray("strangers");
        HttpClient browser = product.Product.Browser();
        await SignInProduct.ShouldHaveFailedAsync(browser, await product.SignInAsync(browser), "no-role");
    }

    [Fact]
    public async Task Session_OfSomebodyInHundredsOfGroups_HasASmallCookie()
    {
        await using SignInProduct product = await SignInProduct.StartAsync();
        product.Provider.Claims["groups"] = new JsonArray([.. Enumerable.Range(0, 500).Select(i => JsonValue.Create($"{Guid.NewGuid()}-{i}")), "admins"]);
        HttpClient browser = product.Product.Browser();
        Uri back = product.Provider.Agree(await SignInProduct.BeginAsync(browser));

        using HttpResponseMessage answer = await browser.GetAsync(back.PathAndQuery, Cancel);

        answer.SessionCookie().Length.ShouldBeLessThan(1000);
        (await SignInProduct.IsSignedInAsync(browser)).ShouldBeTrue();
    }

    [Fact]
    public async Task Callback_InAnotherBrowser_IsRefused()
    {
        await using SignInProduct product = await SignInProduct.StartAsync();
        Uri back = product.Provider.Agree(await SignInProduct.BeginAsync(product.Product.Browser()));
        HttpClient victim = product.Product.Browser();
        await SignInProduct.ShouldHaveFailedAsync(victim, await SignInProduct.ReturnAsync(victim, back.PathAndQuery), "stale");
        product.Provider.TokenCalls.ShouldBe(0);
    }

    [Fact]
    public async Task Callback_ASecondTime_IsRefused()
    {
        await using SignInProduct product = await SignInProduct.StartAsync();
        HttpClient browser = product.Product.Browser();
        Uri back = product.Provider.Agree(await SignInProduct.BeginAsync(browser));
        (await SignInProduct.ReturnAsync(browser, back.PathAndQuery)).ShouldBe("/keys");
        (await SignInProduct.ReturnAsync(browser, back.PathAndQuery)).ShouldContain("problem=stale");
        product.Provider.TokenCalls.ShouldBe(1);
    }

    [Theory]
    [InlineData("?code=x&state=made-up", "stale")]
    [InlineData("?code=x", "stale")]
    [InlineData("?error=access_denied&state={state}", "denied")]
    [InlineData("?error=server_error&error_description=%3Cscript%3Ealert(1)%3C/script%3E&state={state}", "provider-refused")]
    [InlineData("?code=never-given&state={state}", "exchange")]
    public async Task Callback_ThatIsNoAnswer_EndsOnTheSignInPage(string query, string problem)
    {
        await using SignInProduct product = await SignInProduct.StartAsync();
        HttpClient browser = product.Product.Browser();
        string state = QueryHelpers.ParseQuery((await SignInProduct.BeginAsync(browser)).Query)["state"].ToString();
        string location = await SignInProduct.ReturnAsync(browser, "/signin-oidc/acme" + query.Replace("{state}", Uri.EscapeDataString(state), StringComparison.Ordinal));
        await SignInProduct.ShouldHaveFailedAsync(browser, location, problem);
    }

    public static TheoryData<string, string> BadTokens => new()
    {
        { "nonce", "stale" }, { "no-nonce", "stale" }, { "issuer", "token" }, { "audience", "token" }, { "audiences", "token" }, { "azp", "exchange" },
        { "expired", "clock" }, { "future", "clock" }, { "issued-later", "clock" }, { "no-expiry", "token" }, { "none", "token" }, { "no-signature", "token" },
        { "none-signed", "token" }, { "hmac", "token" }, { "unknown-key", "token" }, { "other-key", "token" }, { "at-hash", "token" }, { "no-subject", "exchange" },
        { "cut", "token" },
    };

    [Theory]
    [MemberData(nameof(BadTokens))]
    public async Task IdToken_ThatIsWrong_OpensNothing(string fault, string problem)
    {
        await using SignInProduct product = await SignInProduct.StartAsync();
        ScriptedProvider provider = product.Provider;
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        provider.Payload = payload => Spoil(payload, fault, now);
        provider.Sign = fault switch
        {
            "none" => (_, payload) => ScriptedProvider.Jwt(new() { ["alg"] = "none" }, payload, _ => []),
            "no-signature" => (p, payload) => ScriptedProvider.Jwt(new() { ["alg"] = "RS256", ["kid"] = p.Signing.Id }, payload, _ => []),
            "none-signed" => (p, payload) => ScriptedProvider.Jwt(new() { ["alg"] = "none", ["kid"] = p.Signing.Id }, payload, d => p.Signing.Rsa.SignData(d, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
            "hmac" => (p, payload) => ScriptedProvider.Jwt(new() { ["alg"] = "HS256", ["kid"] = p.Signing.Id }, payload, d => HMACSHA256.HashData(Encoding.ASCII.GetBytes(p.Signing.Rsa.ExportSubjectPublicKeyInfoPem()), d)),
            "unknown-key" => (p, payload) => p.Rs256(payload, new("k9")),
            "other-key" => (p, payload) => p.Rs256(payload, new("k1")),
            "cut" => (p, payload) => p.Rs256(payload)[..^20],
            _ => provider.Sign,
        };
        HttpClient browser = product.Product.Browser();
        await SignInProduct.ShouldHaveFailedAsync(browser, await product.SignInAsync(browser), problem);
    }

    private static void Spoil(JsonObject payload, string fault, long now)
    {
        switch (fault)
        {
            case "nonce": payload["nonce"] = "of-another-sign-in"; break;
            case "no-nonce": payload.Remove("nonce"); break;
            case "issuer": payload["iss"] = payload["iss"]!.GetValue<string>() + "/"; break;
            case "audience": payload["aud"] = "another-client"; break;
            case "audiences": payload["aud"] = new JsonArray("console", "another-client"); break;
            case "azp": payload["azp"] = "another-client"; break;
            case "expired": payload["exp"] = now - 300; break;
            case "future": payload["nbf"] = now + 600; break;
            case "issued-later": payload["iat"] = now + 600; break;
            case "no-expiry": payload.Remove("exp"); break;
            case "at-hash": payload["at_hash"] = "AAAAAAAAAAAAAAAAAAAAAA"; break;
            case "no-subject": payload.Remove("sub"); break;
        }
    }

    [Fact]
    public async Task IdToken_SignedWithAKeyThatIsNew_IsAcceptedAfterTheKeysWereReadAgain()
    {
        await using SignInProduct product = await SignInProduct.StartAsync();
        (await product.SignInAsync(product.Product.Browser())).ShouldBe("/keys");
        int before = product.Provider.KeyReads;
        product.Provider.Signing = new("k2");
        product.Provider.Published.Add(product.Provider.Signing);

        (await product.SignInAsync(product.Product.Browser())).ShouldBe("/keys");

        product.Provider.KeyReads.ShouldBe(before + 1);
    }

    [Fact]
    public async Task UnknownKeys_AgainAndAgain_DoNotMakeTheGatewayAskEachTime()
    {
        await using SignInProduct product = await SignInProduct.StartAsync();
        product.Provider.Sign = (p, payload) => p.Rs256(payload, new(Guid.NewGuid().ToString()));
        for (int i = 0; i < 4; i++)
        {
            (await product.SignInAsync(product.Product.Browser())).ShouldContain("problem=token");
        }
        product.Provider.KeyReads.ShouldBeLessThanOrEqualTo(2);
    }

    [Theory]
    [InlineData("huge")]
    [InlineData("broken")]
    [InlineData("error")]
    [InlineData("redirect")]
    public async Task Provider_WhoseDiscoveryDocumentIsNone_IsUnreachable_UntilItIsBack(string fault)
    {
        await using SignInProduct product = await SignInProduct.StartAsync();
        ScriptedProvider provider = product.Provider;
        provider.Discovery = async context =>
        {
            switch (fault)
            {
                case "huge":
                    JsonObject document = provider.Document();
                    document["padding"] = new string('x', 2_000_000);
                    await context.Response.WriteAsync(document.ToJsonString());
                    break;
                case "broken": await context.Response.WriteAsync("<html>Welcome"); break;
                case "error": context.Response.StatusCode = 500; break;
                default: context.Response.Redirect(provider.Authority + "/elsewhere"); break;
            }
        };
        HttpClient browser = product.Product.Browser();
        using HttpResponseMessage begun = await browser.GetAsync("/login/with/acme", Cancel);
        await SignInProduct.ShouldHaveFailedAsync(browser, begun.Headers.Location!.ToString(), "unreachable");

        provider.Discovery = null;
        (await product.SignInAsync(browser)).ShouldBe("/keys");
    }

    [Fact]
    public async Task Provider_ThatIsNotThere_IsUnreachable_AndTheLocalAdministratorComesIn()
    {
        await using SignInProduct product = await SignInProduct.StartAsync(("Gateway:SignIn:Providers:acme:Authority", "http://127.0.0.1:1"));
        HttpClient browser = product.Product.Browser();

        using HttpResponseMessage begun = await browser.GetAsync("/login/with/acme", Cancel);

        await SignInProduct.ShouldHaveFailedAsync(browser, begun.Headers.Location!.ToString(), "unreachable");
        (await browser.SignInAsync("/keys")).Headers.Location!.ToString().ShouldBe("/keys");
    }

    [Fact]
    public async Task Provider_ThatNeverAnswers_IsGivenUp()
    {
        await using SignInProduct product = await SignInProduct.StartAsync();
        product.Provider.Discovery = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        HttpClient browser = product.Product.Browser();
        using HttpResponseMessage begun = await browser.GetAsync("/login/with/acme", Cancel);
        await SignInProduct.ShouldHaveFailedAsync(browser, begun.Headers.Location!.ToString(), "unreachable");
    }

    [Fact]
    public async Task TokenEndpoint_ThatRedirects_IsNotFollowed()
    {
        await using SignInProduct product = await SignInProduct.StartAsync();
        bool followed = false;
        product.Provider.Token = context =>
        {
            followed |= context.Request.Query.ContainsKey("again");
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = product.Provider.Authority + "/token?again";
            return Task.CompletedTask;
        };
        HttpClient browser = product.Product.Browser();
        await SignInProduct.ShouldHaveFailedAsync(browser, await product.SignInAsync(browser), "exchange");
        followed.ShouldBeFalse();
    }

    [Fact]
    public async Task PublicUrl_IsWhereTheProviderSendsPeopleBackTo()
    {
        await using SignInProduct product = await SignInProduct.StartAsync(("Gateway:SignIn:PublicUrl", "https://gateway.example.com"));
        HttpClient browser = product.Product.Browser();
        Uri authorize = await SignInProduct.BeginAsync(browser);
        QueryHelpers.ParseQuery(authorize.Query)["redirect_uri"].ToString().ShouldBe("https://gateway.example.com/signin-oidc/acme");
        (await SignInProduct.ReturnAsync(browser, product.Provider.Agree(authorize).PathAndQuery)).ShouldBe("/keys");
    }
}
