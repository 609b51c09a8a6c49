using System.Net;
using System.Text;
using Gateway.Tests.Administration;
using Gateway.Tests.Storage;
using Gateway.Web.Administration;
using Gateway.Web.Storage;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Incidents;

/// <summary>Sessions, forms, origins and return addresses of the console.</summary>
public sealed class ConsoleIncidentTests
{
    private static readonly string[] ReturnAddresses =
        ["https://evil.example/x", "//evil.example/x", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "javascript:alert(1)", "http:evil.example"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // A page that is drawn while the key ring is read for the first time waited for itself, wherever the database makes one wait.
    [Fact]
    public async Task SignInPage_OnADatabaseThatTakesItsTime_IsShown()
    {
        await using TestDatabase database = await TestDatabase.EmptyPostgresAsync();
        string directory = Directory.CreateTempSubdirectory("gateway-sign-in-").FullName;
        try
        {
            await using var product = new TestProduct(directory) { Settings = { ["Database:Provider"] = "postgres", ["ConnectionStrings:Gateway"] = database.Settings.ConnectionString } };
            HttpClient client = await product.StartAsync();

            using HttpResponseMessage page = await client.GetAsync("/login", Cancel).WaitAsync(Eventually.Limit, Cancel);

            page.StatusCode.ShouldBe(HttpStatusCode.OK);
            (await page.Content.ReadAsStringAsync(Cancel)).ShouldContain("type=\"password\"");
        }
        finally
        {
            Directories.Remove(directory);
        }
    }

    [Theory]
    [InlineData("/not-there", "text/html,application/xhtml+xml,*/*;q=0.8", true)]
    [InlineData("/keys/not/there", "text/html", true)]
    [InlineData("/not-there", "application/json", false)]
    [InlineData("/admin/v1/not-there", "text/html", false)]
    [InlineData("/not-there.png", "image/png,*/*", false)]
    public async Task NotFound_ForABrowserThatAsksForAPage_IsAPageThatLeadsBack(string path, string accept, bool page)
    {
        await using var product = new TestProduct();
        await product.StartAsync();
        HttpClient browser = product.Browser();
        (await browser.SignInAsync()).Dispose();
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);

        using HttpResponseMessage answer = await browser.SendAsync(request, Cancel);

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await answer.Content.ReadAsStringAsync(Cancel)).Contains("<html", StringComparison.OrdinalIgnoreCase).ShouldBe(page);
        answer.Content.Headers.ContentType?.MediaType.ShouldNotBe(page ? "application/json" : "text/html");
    }

    [Theory]
    [InlineData("/login")]
    [InlineData("/")]
    [InlineData("/keys")]
    [InlineData("/not-there")]
    [InlineData("/admin/v1/models")]
    [InlineData("/css/base.css")]
    public async Task Answer_ForBrowsers_CarriesThePolicyWithoutInlineScript(string path)
    {
        await using var product = new TestProduct();
        await product.StartAsync();
        HttpClient browser = product.Browser();
        (await browser.SignInAsync()).Dispose();

        using HttpResponseMessage answer = await browser.GetAsync(path, Cancel);

        string policy = string.Join("; ", answer.Headers.GetValues("Content-Security-Policy"));
        policy.ShouldContain("script-src 'self';");
        policy.ShouldContain("default-src 'none'");
        policy.ShouldContain("frame-ancestors 'none'");
        policy.ShouldNotContain("unsafe-eval");
        answer.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        answer.Headers.GetValues("Referrer-Policy").ShouldBe(["no-referrer"]);
        answer.Headers.GetValues("X-Frame-Options").ShouldBe(["DENY"]);
        answer.Headers.Contains("Server").ShouldBeFalse();
    }

    [Fact]
    public async Task Cookies_OfTheConsole_AreOutOfReachOfScriptsAndOtherSites()
    {
        await using var product = new TestProduct();
        await product.StartAsync();
        HttpClient browser = product.Browser("https://localhost");

        using HttpResponseMessage answer = await browser.SignInAsync();

        string[] flags = [.. answer.SessionCookie().ToLowerInvariant().Split("; ").Skip(1)];
        flags.ShouldContain("httponly");
        flags.ShouldContain("secure");
        flags.ShouldContain("samesite=lax");
    }

    [Theory]
    [InlineData("/login")]
    [InlineData("/logout")]
    public async Task Form_WithoutItsToken_ChangesNothing(string path)
    {
        await using var product = new TestProduct();
        await product.StartAsync();
        HttpClient browser = product.Browser();
        string before = "";
        if (path == "/logout")
        {
            before = (await browser.SignInAsync()).SessionCookie();
        }

        foreach (string token in (string[])["", "CfDJ8wrong", await product.Browser().TokenAsync("/login")])
        {
            using HttpResponseMessage answer = await browser.PostAsync(path, ConsoleClient.Form(("userName", "admin"), ("password", "the-password-of-the-test"), ("__RequestVerificationToken", token)), Cancel);
            answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
            answer.Headers.Contains("Set-Cookie").ShouldBeFalse();
        }
        if (before.Length > 0)
        {
            (await SessionStatusAsync(product, before)).ShouldBe(200);
        }
    }

    // A page of another site opens a WebSocket with the visitor's cookie: no preflight stops it.
    [Theory]
    [InlineData("Origin", "https://evil.example", 403)]
    [InlineData("Origin", "http://localhost.evil.example", 403)]
    [InlineData("Origin", "http://localhost:81", 403)]
    [InlineData("Origin", "null", 403)]
    [InlineData("Sec-Fetch-Site", "cross-site", 403)]
    [InlineData("Sec-Fetch-Site", "same-site", 403)]
    [InlineData("Origin", "http://localhost", 200)]
    [InlineData("Sec-Fetch-Site", "same-origin", 200)]
    public async Task Hub_AskedByAnotherOrigin_IsShut(string header, string value, int status)
    {
        await using var product = new TestProduct();
        await product.StartAsync();
        HttpClient browser = product.Browser();
        (await browser.SignInAsync()).Dispose();
        foreach (string path in (string[])["/_blazor/negotiate?negotiateVersion=1", "/_Blazor/negotiate?negotiateVersion=1"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path);
            request.Headers.TryAddWithoutValidation(header, value);
            using HttpResponseMessage answer = await browser.SendAsync(request, Cancel);
            ((int)answer.StatusCode).ShouldBe(status);
        }
        using var upgrade = new HttpRequestMessage(HttpMethod.Get, "/_blazor?id=x");
        upgrade.Headers.TryAddWithoutValidation(header, value);
        using HttpResponseMessage refused = await browser.SendAsync(upgrade, Cancel);
        (refused.StatusCode == HttpStatusCode.Forbidden).ShouldBe(status == 403);
    }

    // The admin API takes the console's cookie, and has no forms and no tokens.
    [Theory]
    [InlineData(null, null, 403)]
    [InlineData("Origin", "https://evil.example", 403)]
    [InlineData("Sec-Fetch-Site", "same-site", 403)]
    [InlineData("Sec-Fetch-Site", "none", 403)]
    [InlineData("Origin", "http://localhost", 201)]
    [InlineData("Sec-Fetch-Site", "same-origin", 201)]
    public async Task AdminApi_ChangeWithACookie_OnlyFromTheConsolesOwnPages(string? header, string? value, int status)
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        HttpClient browser = product.Browser();
        (await browser.SignInAsync()).Dispose();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/admin/v1/models") { Content = new StringContent("""{"name":"m"}""", Encoding.UTF8, "application/json") };
        if (header is not null)
        {
            request.Headers.TryAddWithoutValidation(header, value);
        }

        using HttpResponseMessage answer = await browser.SendAsync(request, Cancel);

        ((int)answer.StatusCode).ShouldBe(status);
        (await admin.GetAsync("/admin/v1/models", 200)).GetArrayLength().ShouldBe(status == 201 ? 1 : 0);
    }

    [Fact]
    public async Task SignOut_EndsTheSessionAlsoForACopyOfItsCookie()
    {
        await using var product = new TestProduct();
        await product.StartAsync();
        HttpClient browser = product.Browser();
        string cookie = (await browser.SignInAsync()).SessionCookie();
        HttpClient other = product.Browser();
        string untouched = (await other.SignInAsync()).SessionCookie();
        (await SessionStatusAsync(product, cookie)).ShouldBe(200);

        (await browser.PostAsync("/logout", ConsoleClient.Form(("__RequestVerificationToken", await browser.TokenAsync("/"))), Cancel)).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        (await SessionStatusAsync(product, cookie)).ShouldBe(401);
        (await SessionStatusAsync(product, untouched)).ShouldBe(200, "another sign-in of the same person");
    }

    [Fact]
    public async Task SignOut_OnAnotherNodeOrBeforeARestart_IsKnown()
    {
        await using TestDatabase database = await TestDatabase.SqliteAsync();
        DateTimeOffset until = TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(1);
        EndedSessions here = Sessions(database);
        await here.EndAsync("one", until, Cancel);
        await here.EndAsync("one", until, Cancel);

        EndedSessions there = Sessions(database);
        (await there.ContainsAsync("one", Cancel)).ShouldBeTrue();
        (await there.ContainsAsync("two", Cancel)).ShouldBeFalse();
    }

    // ambient-code/platform#1569, klangk#936, pangolin#3335: after signing in one was somewhere else.
    [Fact]
    public async Task ReturnAddress_AnyValueNameAndPath_NeverLeavesTheSite()
    {
        await using var product = new TestProduct();
        await product.StartAsync();
        HttpClient browser = product.Browser();
        foreach (string value in ReturnAddresses)
        {
            foreach (string path in (string[])["/", "/keys", "/models", "/providers", "/routes", "/requests", "/playground", "/settings", "/settings/audit", "/login"])
            {
                foreach (string name in (string[])["returnUrl", "ReturnUrl", "next", "redirect", "redirect_uri", "url"])
                {
                    using var request = new HttpRequestMessage(HttpMethod.Get, $"{path}?{name}={Uri.EscapeDataString(value)}");
                    request.Headers.TryAddWithoutValidation("X-Forwarded-Host", "evil.example");
                    request.Headers.Host = "evil.example";
                    using HttpResponseMessage answer = await browser.SendAsync(request, Cancel);
                    if (answer.Headers.Location is { } location)
                    {
                        location.OriginalString.ShouldStartWith("/login?returnUrl=%2F");
                    }
                    else
                    {
                        (await answer.Content.ReadAsStringAsync(Cancel)).ShouldContain("name=\"returnUrl\" value=\"/\"");
                    }
                }
            }
            using HttpResponseMessage signedIn = await product.Browser().SignInAsync(value);
            signedIn.StatusCode.ShouldBe(HttpStatusCode.Redirect);
            signedIn.Headers.Location!.OriginalString.ShouldBe("/");
            using HttpResponseMessage refused = await product.Browser().SignInAsync(value, "wrong");
            refused.Headers.Location!.OriginalString.ShouldBe("/login?problem=refused&returnUrl=%2F");
        }
    }

    [Fact]
    public async Task IssuedKey_IsToldOnce()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        var issued = await admin.PostAsync("/admin/v1/keys", """{"name":"k"}""");
        string key = issued.GetProperty("key").GetString()!;
        string id = issued.GetProperty("api_key").Id();

        foreach (string path in (string[])["/admin/v1/keys", $"/admin/v1/keys/{id}", "/admin/v1/audit"])
        {
            (await admin.GetAsync(path, 200)).GetRawText().ShouldNotContain(key);
        }
        (await admin.PutAsync($"/admin/v1/keys/{id}", """{"name":"k2"}""")).GetRawText().ShouldNotContain(key);
    }

    private static async Task<int> SessionStatusAsync(TestProduct product, string cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/admin/v1/models");
        request.Headers.Add("Cookie", cookie.Split(';')[0]);
        using HttpResponseMessage answer = await product.Browser().SendAsync(request, Cancel);
        return (int)answer.StatusCode;
    }

    private static EndedSessions Sessions(TestDatabase database)
    {
        var ready = new DatabaseReady();
        ready.Set();
        return new EndedSessions(new AdministrationDatabase(database.Contexts, ready), TimeProvider.System);
    }
}
