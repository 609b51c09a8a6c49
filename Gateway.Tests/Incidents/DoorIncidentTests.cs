using System.Net;
using System.Text;
using Gateway.Tests.Administration;
using Gateway.Tests.Hosting;
using Gateway.Web.Administration.AdminApi;
using Gateway.Web.Endpoints;
using Gateway.Web.Security;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticAssets;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Incidents;

/// <summary>Who gets in where: every endpoint, every caller, every way of writing a path.</summary>
public sealed class DoorIncidentTests
{
    // Anonymous as ASP.NET sees them, since the pipeline asks for the API key itself; the test below calls each of them.
    private static readonly string[] DataPlane =
    [
        "/v1/", "/v1beta/", "/upload/v1beta/", "/v2/embed", "/v2/rerank", "/openai/", "/providers/{provider}/",
        .. KnownCalls.All.Where(c => c.Path.StartsWith("/v1/", StringComparison.Ordinal)).Select(c => c.Path["/v1".Length..]),
    ];
    private static readonly string[] Health = ["/livez", "/readyz", "/health", "/healthz", "/v1/health", "/v1/ready", "/upstream-health", "/metrics"];

    // What the data plane is, not whose: the same for everybody (ApiDocumentTests).
    private static readonly string[] Described = ["/v1/openapi.json"];
    private static readonly string[] SignIn = ["/login", "/login/with/", "/logout"];

    // Where browsers look for an icon by themselves, beside what is no page.
    private static readonly string[] Icon = ["/favicon.ico"];

    // Asks for the API key itself and shows what is that key's (KeyLifecycleTests); the page holds nothing before that.
    private static readonly string[] HolderOfAKey = ["/self/v1", "/me"];

    // The start's own calls, under a name of 128 random bits.
    private static readonly string[] WarmUp = ["/warm-up/"];

    // Files of wwwroot that the build does not list: behind the fallback policy, which is the viewer's.
    private static readonly string[] Fallback = ["/{**path:file}"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Endpoints_OfTheRunningApp_EachSaysWhoMayEnter()
    {
        await using var product = new TestProduct();
        await product.StartAsync();
        var open = new List<string>();
        foreach (RouteEndpoint endpoint in Endpoints(product))
        {
            bool anonymous = endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null;
            bool policy = endpoint.Metadata.GetMetadata<IAuthorizeData>() is not null || endpoint.Metadata.GetMetadata<AuthorizationPolicy>() is not null;
            bool listed = Starts(endpoint, DataPlane) || Starts(endpoint, Health) || Starts(endpoint, SignIn) || Starts(endpoint, Icon) || Starts(endpoint, WarmUp) || Starts(endpoint, HolderOfAKey) || endpoint.Metadata.GetMetadata<StaticAssetDescriptor>() is not null;
            if (anonymous ? !listed : !policy && !Starts(endpoint, Fallback))
            {
                open.Add(Pattern(endpoint));
            }
        }
        open.ShouldBeEmpty("each needs an authorization policy, or a line above that says why not");
    }

    [Fact]
    public async Task DataPlane_EveryRouteWithoutAKey_IsRefused()
    {
        await using var product = new TestProduct();
        HttpClient browser = await StartAnonymousAsync(product);
        var seen = new HashSet<string>();
        foreach (RouteEndpoint endpoint in Endpoints(product).Where(e => Starts(e, DataPlane) && !Starts(e, Health) && !Starts(e, Described)))
        {
            foreach (string method in MethodsOf(endpoint))
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), Fill(endpoint)) { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
                using HttpResponseMessage answer = await browser.SendAsync(request, Cancel);
                ((int)answer.StatusCode).ShouldBeOneOf([401, 404, 405], $"{method} {Fill(endpoint)}");
                seen.Add($"{(int)answer.StatusCode}");
            }
        }
        seen.ShouldContain("401");
    }

    // CVE-2026-47101, -47102, litellm#23781: management by whoever had a client key, or a lesser role.
    [Fact]
    public async Task AdminApi_EveryRouteByEveryWrongCaller_StaysShut()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        string key = (await admin.PostAsync("/admin/v1/keys", """{"name":"k"}""")).GetProperty("key").GetString()!;
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        string admission = await product.CookieOfAsync(ConsoleRoles.Administrator, now);
        (string Name, string Header, string Value, int Status)[] callers =
        [
            ("nobody", "X-Nothing", "x", 401),
            ("client key", "X-Admin-Key", key, 401),
            ("client key as bearer", "Authorization", "Bearer " + key, 401),
            ("client key elsewhere", "x-api-key", key, 401),
            ("wrong key", "X-Admin-Key", "wrong", 401),
            ("longer key", "X-Admin-Key", TestProduct.AdminKey + "x", 401),
            ("shorter key", "X-Admin-Key", TestProduct.AdminKey[..^1], 401),
            ("empty bearer", "Authorization", "Bearer ", 401),
            ("basic", "Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("admin:" + TestProduct.AdminKey)), 401),
            ("viewer", "Cookie", await product.CookieOfAsync(ConsoleRoles.Viewer, now), 403),
            ("operator", "Cookie", await product.CookieOfAsync(ConsoleRoles.Operator, now), 403),
            ("role of nobody", "Cookie", await product.CookieOfAsync("root", now), 403),
            ("expired session", "Cookie", await product.CookieOfAsync(ConsoleRoles.Administrator, now - TimeSpan.FromHours(13)), 401),
            ("changed cookie", "Cookie", admission[..^6] + "AAAAAA", 401),
        ];
        HttpClient anonymous = product.Browser();
        int asked = 0;
        foreach (RouteEndpoint endpoint in Endpoints(product).Where(e => Pattern(e).StartsWith("/admin/v1", StringComparison.Ordinal)))
        {
            foreach (string method in MethodsOf(endpoint))
            {
                foreach ((string name, string header, string value, int status) in callers)
                {
                    if (IsFor(endpoint, name))
                    {
                        continue;
                    }
                    using var request = new HttpRequestMessage(new HttpMethod(method), Fill(endpoint)) { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
                    request.Headers.TryAddWithoutValidation(header, value);
                    request.Headers.TryAddWithoutValidation("Sec-Fetch-Site", "same-origin");
                    using HttpResponseMessage answer = await anonymous.SendAsync(request, Cancel);
                    ((int)answer.StatusCode).ShouldBe(status, $"{method} {Fill(endpoint)} by {name}");
                    asked++;
                }
            }
        }
        asked.ShouldBeGreaterThan(500);
        using var accepted = new HttpRequestMessage(HttpMethod.Get, "/admin/v1/models") { Headers = { { "Cookie", admission } } };
        (await anonymous.SendAsync(accepted, Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK, "or the rest would prove nothing");
    }

    // What a page shows at once is shown to whoever may open it: the audit log, the rules of sign-in, a backup's form, calls at others' cost.
    [Theory]
    [InlineData("/settings/audit", ConsoleRoles.Operator, ConsoleRoles.Administrator)]
    [InlineData("/settings/sign-in", ConsoleRoles.Operator, ConsoleRoles.Administrator)]
    [InlineData("/settings/backup", ConsoleRoles.Operator, ConsoleRoles.Administrator)]
    [InlineData("/playground", ConsoleRoles.TeamOperator, ConsoleRoles.Operator)]
    public async Task Page_OfALaterRole_IsShut(string path, string refused, string admitted)
    {
        await using var product = new TestProduct();
        HttpClient browser = await StartAnonymousAsync(product);

        (await StatusOfAsync(refused)).ShouldBe(HttpStatusCode.Found, "it leads away");
        (await StatusOfAsync(admitted)).ShouldBe(HttpStatusCode.OK, "or the rest would prove nothing");

        async Task<HttpStatusCode> StatusOfAsync(string role)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("Cookie", await product.CookieOfAsync(role, TimeProvider.System.GetUtcNow()));
            using HttpResponseMessage answer = await browser.SendAsync(request, Cancel);
            return answer.StatusCode;
        }
    }

    // CVE-2026-49468, GHSA-4xpc-pv4p-pm3w: the Host header, or an odd way to write the path, decided what was checked.
    [Fact]
    public async Task AdminApi_OddPathsAndHosts_OpenNothing()
    {
        await using var product = new TestProduct { OnSocket = true };
        HttpClient admin = await product.StartAsync();
        await admin.PostAsync("/admin/v1/providers", """{"name":"canary-of-the-test","base_url":"https://p.example"}""");
        string[] paths =
        [
            "/admin/v1/providers", "//admin/v1/providers", "/Admin/V1/Providers", "/admin/v1/providers/", "/admin//v1/providers", "/./admin/v1/providers",
            "/v1/../admin/v1/providers", "/v1/%2e%2e/admin/v1/providers", "/%61dmin/v1/providers", "/admin%2fv1%2fproviders", "/admin/v1/providers;x=1",
            "/admin;/v1/providers", "/admin/v1/providers.", "/admin/v1/providers%00", "/admin/v1/providers%20", "/admin\\v1\\providers", "/admin/v1/providers?x-admin-key=" + TestProduct.AdminKey,
            "/livez/../admin/v1/providers", "/login/..;/admin/v1/providers", "/css/%2e%2e/admin/v1/providers", "http://gateway/admin/v1/providers",
        ];
        string[] hosts = ["localhost", "127.0.0.1", "evil.example", "admin", "localhost/admin", "", "a:b:c"];
        foreach (string path in paths)
        {
            foreach (string host in hosts)
            {
                string answer = await RawHttp.ExchangeAsync(admin.BaseAddress!, $"GET {path} HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-For: 127.0.0.1\r\nX-Original-URL: /livez\r\nX-Rewrite-URL: /livez\r\nConnection: close\r\n\r\n");
                answer.ShouldNotContain("canary-of-the-test");
                RawHttp.StatusesOf(answer).ShouldAllBe(s => s == 302 || (s >= 400 && s < 500), $"{path} at {host}: {answer}");
            }
            (await RawHttp.ExchangeAsync(admin.BaseAddress!, $"GET {path} HTTP/1.0\r\n\r\n")).ShouldNotContain("canary-of-the-test");
        }
    }

    // CVE-2026-42208: SQL in the Authorization header, before any authentication.
    [Theory]
    [InlineData("' OR '1'='1")]
    [InlineData("x'; SELECT pg_sleep(600); --")]
    [InlineData("x' UNION SELECT 1,2,3 --")]
    [InlineData("\" OR \"\"=\"")]
    [InlineData("ml-x' AND 1=randomblob(500000000) --")]
    [InlineData("%27%20OR%201%3D1")]
    [InlineData("${jndi:ldap://127.0.0.1/x}")]
    public async Task SqlInAnyKey_IsAWrongKeyAtOnce(string key)
    {
        await using var product = new TestProduct();
        HttpClient browser = await StartAnonymousAsync(product);
        foreach ((string path, string header, string value) in ((string, string, string)[])[
            ("/v1/models", "Authorization", "Bearer " + key), ("/v1/models", "x-api-key", key), ("/v1/models", "api-key", key), ("/v1/models", "x-goog-api-key", key),
            ("/admin/v1/models", "X-Admin-Key", key), ("/admin/v1/models", "Authorization", "Bearer " + key), ("/admin/v1/models", "Cookie", "gateway-console=" + key)])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation(header, value);
            using HttpResponseMessage answer = await browser.SendAsync(request, Cancel).WaitAsync(Eventually.Limit, Cancel);
            answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, $"{path} {header}");
        }
    }

    // CVE-2026-45339: what held for one header did not for another.
    [Theory]
    [InlineData("Authorization", "Bearer {0}", "")]
    [InlineData("x-api-key", "{0}", "")]
    [InlineData("api-key", "{0}", "")]
    [InlineData("x-goog-api-key", "{0}", "")]
    [InlineData("X-Nothing", "x", "?key={0}")]
    public async Task RestrictedKey_ByAnyHeader_HasTheSameVerdicts(string header, string value, string query)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url) with
        {
            Keys = [TestGateway.KeyOf("ml-restricted", models: ["other"]), TestGateway.KeyOf("ml-slow", rpm: 1), TestGateway.KeyOf("ml-off") with { Active = false }],
        });
        gateway.Client.DefaultRequestHeaders.Clear();
        async Task<int> CallAsync(string key)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions" + string.Format(System.Globalization.CultureInfo.InvariantCulture, query, key))
            {
                Content = new StringContent(TestGateway.Body(), Encoding.UTF8, "application/json"),
            };
            request.Headers.TryAddWithoutValidation(header, string.Format(System.Globalization.CultureInfo.InvariantCulture, value, key));
            using HttpResponseMessage answer = await gateway.Client.SendAsync(request, Cancel);
            return (int)answer.StatusCode;
        }

        (await CallAsync("ml-restricted")).ShouldBe(404);
        (await CallAsync("ml-off")).ShouldBe(401);
        (await CallAsync("ml-slow")).ShouldBe(200);
        (await CallAsync("ml-slow")).ShouldBe(429);
        upstream.Seen.Count.ShouldBe(1);
    }

    // CVE-2026-47102: fields that only the server may set were taken from the body.
    [Fact]
    public async Task ExtraFields_OnCreateAndUpdate_AreRefused()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        string id = (await admin.PostAsync("/admin/v1/keys", """{"name":"k"}""")).GetProperty("api_key").Id();
        foreach (string field in (string[])["role", "id", "hash", "key", "user_role", "permissions", "is_admin", "routes", "created_at", "revoked_at", "prefix", "__proto__"])
        {
            await admin.PostAsync("/admin/v1/keys", $$"""{"name":"other","{{field}}":"x"}""", 400);
            await admin.PutAsync($"/admin/v1/keys/{id}", $$"""{"{{field}}":"x"}""", 400);
        }
        (await admin.GetAsync("/admin/v1/keys", 200)).GetArrayLength().ShouldBe(1);
    }

    // musistudio/claude-code-router#1626, langgenius/dify#33776: keys compared with ==. Looked for in the sources, since a clock
    // on a shared machine proves nothing.
    [Theory]
    [InlineData("Gateway.Web/Administration/AdminApi/AdminAuthentication.cs", "CryptographicOperations.FixedTimeEquals")]
    [InlineData("Gateway.Web/Administration/LocalAdministrator.cs", "CryptographicOperations.FixedTimeEquals")]
    [InlineData("Gateway.Web/Administration/PasswordHash.cs", "CryptographicOperations.FixedTimeEquals")]
    [InlineData("Gateway.Core/Keys/Authenticator.cs", "presented.Hash")]
    [InlineData("Gateway.Core/Keys/PresentedKey.cs", "KeyHash.OfKey(text)")]
    [InlineData("Gateway.Web/Endpoints/ConnectionKey.cs", "CryptographicOperations.FixedTimeEquals")]
    public void Keys_AreComparedByDigestOnly(string file, string comparison)
    {
        string source = File.ReadAllText(RepositoryRoot.File(file.Split('/')));
        source.ShouldContain(comparison);
        System.Text.RegularExpressions.Regex.IsMatch(source, @"\b(presented|expected|password|configured|hash)\s*[!=]=\s*(presented|expected|password|configured|hash)\b").ShouldBeFalse();
        source.ShouldNotContain(".Equals(presented");
    }

    private static async Task<HttpClient> StartAnonymousAsync(TestProduct product)
    {
        await product.StartAsync();
        return product.Browser();
    }

    private static IEnumerable<RouteEndpoint> Endpoints(TestProduct product) =>
        product.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

    // What the console's viewers and operators may ask for with their session says so itself.
    private static bool IsFor(RouteEndpoint endpoint, string caller) => (endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>() is [.., var last] ? last.Policy : null) switch
    {
        AdminApiExtensions.ReadPolicy => caller is "viewer" or "operator",
        AdminApiExtensions.OperatePolicy => caller is "operator",
        _ => false,
    };

    private static string Pattern(RouteEndpoint endpoint) => "/" + endpoint.RoutePattern.RawText!.TrimStart('/');

    private static bool Starts(RouteEndpoint endpoint, string[] prefixes) =>
        prefixes.Any(p => p.EndsWith('/') ? Pattern(endpoint).StartsWith(p, StringComparison.Ordinal) : Pattern(endpoint) == p);

    private static IReadOnlyList<string> MethodsOf(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods is { Count: > 0 } methods ? methods : ["GET", "POST", "PUT", "PATCH", "DELETE"];

    private static string Fill(RouteEndpoint endpoint) =>
        "/" + string.Join('/', Pattern(endpoint).Split('/', StringSplitOptions.RemoveEmptyEntries).Select(s => System.Text.RegularExpressions.Regex.Replace(s, @"\{[^}]*\}", "x")));
}
