using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Providers.Http;
using Gateway.Tests.Administration;
using Gateway.Tests.Components;
using Gateway.Tests.Hosting;
using Gateway.Web.Administration;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Incidents;

/// <summary>Requests that the gateway was made to send elsewhere. A canary counts what reaches it: always nothing.</summary>
public sealed class AddressIncidentTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> MetadataSpellings => new(
        "http://169.254.169.254/", "http://169.254.169.254./", "http://2852039166/", "http://0xA9FEA9FE/", "http://0xa9.0xfe.0xa9.0xfe/",
        "http://0251.0376.0251.0376/", "http://169.254.43518/", "http://169.16689662/", "http://[::ffff:169.254.169.254]/",
        "http://[::ffff:a9fe:a9fe]/", "http://[::169.254.169.254]/", "http://[64:ff9b::169.254.169.254]/", "http://[64:ff9b:1::a9fe:a9fe]/",
        "http://[::ffff:0:a9fe:a9fe]/", "http://[2002:a9fe:a9fe::]/", "http://[2001:0:1:2:3:4:5601:5601]/", "http://[fe80::1]/", "http://[fd00:ec2::254]/",
        "http://metadata.google.internal/", "http://METADATA.GOOGLE.INTERNAL./", "http://metadata.goog/", "http://１６９.２５４.１６９.２５４/",
        "http://ⓜetadata.google.internal/", "http://169。254。169。254/", "http://user@169.254.169.254/", "http://100.100.100.200/", "http://168.63.129.16/");

    // freellmapi#450, Unla#305: the guard knew one spelling of the metadata service.
    [Theory]
    [MemberData(nameof(MetadataSpellings))]
    public void MetadataService_InAnySpelling_IsRefusedWhenSaved(string url)
    {
        UpstreamAddress.TryParse(url, ProviderKind.OpenAICompatible, out _, out string? reason).ShouldBeFalse();
        reason.ShouldNotBeNullOrEmpty();
        UpstreamAddress.IsTokenUrl(url).ShouldBeFalse();
    }

    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::169.254.169.254")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("64:ff9b:1::a9fe:a9fe")]
    [InlineData("::ffff:0:a9fe:a9fe")]
    [InlineData("2002:a9fe:a9fe::")]
    [InlineData("2001:0:1:2:3:4:5601:5601")]
    [InlineData("fe80::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fd20:ce::254")]
    [InlineData("fd00:42::42")]
    [InlineData("100.100.100.200")]
    [InlineData("168.63.129.16")]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    public void ForbiddenAddress_AtConnect_IsRefusedWhateverIsConfigured(string address) =>
        UpstreamConnections.IsAllowed(IPAddress.Parse(address), new GatewayOptions { AllowedNetworks = [IPNetwork.Parse("0.0.0.0/0"), IPNetwork.Parse("::/0")] }).ShouldBeFalse();

    [Fact]
    public async Task AdminApi_EveryFieldThatHoldsAUrl_RefusesMetadata()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        foreach (string url in MetadataSpellings.Select(r => r.Data))
        {
            await admin.PostAsync("/admin/v1/providers", $$"""{"name":"p","base_url":"{{url}}"}""", 400);
            await admin.PostAsync("/admin/v1/models", $$"""{"name":"m","backends":[{"url":"{{url}}"}]}""", 400);
        }
        product.Catalog.Current.Providers.ShouldBeEmpty();
    }

    // OneUptime#2578, langfuse#8522: a name that was fine when it was checked, and another when it was used.
    [Fact]
    public async Task NameThatChangesItsAddress_IsCheckedAtEveryConnection()
    {
        await using ScriptedUpstream canary = ScriptedUpstream.Json("{}");
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(new Uri($"http://changing.example:{canary.Url.Port}/v1")));
        Provider provider = gateway.Catalog.Current.Providers["provider-0"];
        var answers = new Queue<IPAddress[]>([[IPAddress.Parse("169.254.169.254")], [IPAddress.Loopback], [IPAddress.Parse("::ffff:127.0.0.1"), IPAddress.Parse("10.0.0.1")]]);
        var connections = new UpstreamConnections(() => new GatewayOptions { ConnectTimeout = TimeSpan.FromSeconds(2) }, (_, _) => Task.FromResult(answers.Dequeue()));

        while (answers.Count > 0)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, provider.BaseUrl);
            HttpRequestException refused = await Should.ThrowAsync<HttpRequestException>(() => connections.For(provider).SendAsync(request, Cancel));
            refused.InnerException?.Message.ShouldNotContain("169.254");
        }

        canary.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task Call_UpstreamInANetworkThatIsNotAllowed_SaysSoWithoutItsAddress()
    {
        await using var upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url), allowLoopback: false);

        using HttpResponseMessage answer = await gateway.ChatAsync();

        answer.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        string said = await answer.Content.ReadAsStringAsync(Cancel);
        said.ShouldContain("Gateway:Upstreams:AllowedNetworks");
        said.ShouldNotContain("127.0.0.1");
        upstream.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task ProviderTest_UpstreamInANetworkThatIsNotAllowed_SaysSoAndWhatToDo()
    {
        await using ConsoleContext console = await ConsoleContext.CreateAsync();
        ProviderAdministration providers = console.Get<ProviderAdministration>();
        ProviderView local = (await providers.CreateAsync(new ProviderChange { Name = "local", BaseUrl = "http://127.0.0.1:9/v1" }, Actor.System, Cancel)).Value!;

        (await providers.TestAsync(local.Id, Cancel)).Value!.Message.ShouldContain("Add the network to Gateway:Upstreams:AllowedNetworks");
        console.Options = new() { AllowedNetworks = [IPNetwork.Parse("127.0.0.0/8")] };
        (await providers.TestAsync(local.Id, Cancel)).Value!.Message.ShouldStartWith("No connection.");
    }

    // new-api#4746: the redirect led where the address itself was refused.
    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task Redirect_OfAnUpstream_IsNotFollowed(int status)
    {
        await using ScriptedUpstream canary = ScriptedUpstream.Json(Answers.Chat);
        await using ScriptedUpstream upstream = ScriptedUpstream.Json("{}", status, $"Location: {canary.Url}/chat/completions\r\n");
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url), new() { MaxRetries = 0, DefaultProvider = "provider-0" });

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (await gateway.ChatAsync("\"stream\":true")).StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = gateway.Address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TestGateway.Key);
        using HttpResponseMessage passed = await client.GetAsync("/v1/files", Cancel);
        passed.Headers.Location.ShouldBeNull("it would tell where the upstream is");

        canary.Seen.ShouldBeEmpty();
    }

    // CVE-2024-6587, litellm#24952, #26996: the caller said where its request goes, and the key went along.
    [Theory]
    [InlineData("api_base")]
    [InlineData("base_url")]
    [InlineData("api_url")]
    [InlineData("endpoint")]
    [InlineData("proxy")]
    [InlineData("extra_headers")]
    public async Task FieldOrHeaderThatNamesAHost_LeadsNowhere(string field)
    {
        await using ScriptedUpstream canary = ScriptedUpstream.Json(Answers.Chat);
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));
        string host = $"127.0.0.1:{canary.Url.Port}";
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent(
                TestGateway.Body($$"""
                    "{{field}}":"{{canary.Url}}","litellm_params":{"{{field}}":"{{canary.Url}}"},"extra_body":{"{{field}}":"{{canary.Url}}"}
                    """),
                Encoding.UTF8,
                "application/json"),
        };
        foreach (string name in (string[])["X-Forwarded-Host", "X-Upstream-Url", "X-Base-Url", "X-Api-Base", "X-Original-Host", "X-Portkey-Custom-Host", "Helicone-Target-Url", "Forwarded"])
        {
            request.Headers.TryAddWithoutValidation(name, name == "Forwarded" ? $"host={host}" : canary.Url.ToString());
        }
        request.Headers.Host = host;

        (await gateway.Client.SendAsync(request, Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);

        canary.Seen.ShouldBeEmpty();
        upstream.Seen.ShouldHaveSingleItem().Headers.Values.ShouldAllBe(v => !v.Contains(host));
    }

    // GHSA-of-Portkey (CVE-2025-66405, #1718): the list of allowed hosts held on one route of several.
    [Theory]
    [InlineData("/v1/http://{0}/x")]
    [InlineData("/v1/http:/{0}/x")]
    [InlineData("/v1//{0}/x")]
    [InlineData("/v1/%2f%2f{0}/x")]
    [InlineData("/v1/\\\\{0}/x")]
    [InlineData("/v1/@{0}/x")]
    [InlineData("/v1/..%2f..%2f@{0}/x")]
    [InlineData("/providers/provider-0/http://{0}/x")]
    [InlineData("/providers/provider-0//{0}/x")]
    [InlineData("/providers/http%3a%2f%2f{0}/x")]
    [InlineData("/openai/v1/http://{0}/x")]
    [InlineData("http://{0}/v1/files")]
    public async Task PathThatNamesAHost_LeadsNowhere(string path)
    {
        await using ScriptedUpstream canary = ScriptedUpstream.Json("{}");
        await using ScriptedUpstream upstream = ScriptedUpstream.Json("{}");
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url), new() { MaxRetries = 0, DefaultProvider = "provider-0" });
        string target = string.Format(System.Globalization.CultureInfo.InvariantCulture, path, $"127.0.0.1:{canary.Url.Port}");

        string answers = await RawHttp.ExchangeAsync(
            gateway.Address, $"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{canary.Url.Port}\r\nAuthorization: Bearer {TestGateway.Key}\r\nConnection: close\r\n\r\n");

        RawHttp.StatusesOf(answers).Length.ShouldBe(1, answers);
        RawHttp.StatusesOf(answers)[0].ShouldBeLessThan(500, answers);
        canary.Seen.ShouldBeEmpty();
        upstream.Seen.ShouldAllBe(r => r.Path.StartsWith("/v1/"));
    }

    // litellm#26467, openrad#834: a model's name became a path of its own.
    [Theory]
    [InlineData(ProviderKind.Gemini)]
    [InlineData(ProviderKind.AzureOpenAI)]
    [InlineData(ProviderKind.Bedrock)]
    public async Task ModelNameWithDotSegments_StaysBelowTheBaseUrl(ProviderKind kind)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json("{}");
        CatalogDefinition catalog = TestGateway.ModelOver(upstream.Url);
        Dictionary<string, string> settings = kind == ProviderKind.Bedrock ? new() { ["region"] = "eu-west-1" } : [];
        catalog = catalog with { Providers = [.. catalog.Providers.Select(p => p with { Kind = kind, Settings = settings, BaseUrl = $"http://127.0.0.1:{upstream.Url.Port}/base/v1" })] };
        await using TestGateway gateway = await TestGateway.StartAsync(catalog, new() { MaxRetries = 0, DefaultProvider = "provider-0" });

        foreach (string model in (string[])["..", "../../admin", "x/../../admin", "models/../../../admin", "./x", "a/.."])
        {
            (await gateway.PostAsync($$"""{"model":"{{model}}","messages":[{"role":"user","content":"x"}]}""")).StatusCode.ShouldBe(HttpStatusCode.BadRequest, model);
        }
        foreach (string path in (string[])["/v1beta/models/..%2f..%2fadmin:generateContent", "/v1beta/models/%2e%2e%2fadmin:generateContent", "/openai/deployments/%2e%2e/chat/completions", "/openai/deployments/..%2f..%2fadmin/chat/completions"])
        {
            string answer = await RawHttp.ExchangeAsync(gateway.Address, $"POST {path} HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer {TestGateway.Key}\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}");
            RawHttp.StatusesOf(answer)[0].ShouldBeInRange(400, 499, path);
        }
        foreach (string model in (string[])["a?b=c", "a#b", "a%2e%2e/b", "a\\..\\b"])
        {
            await gateway.PostAsync(System.Text.Json.JsonSerializer.Serialize(new { model, messages = new[] { new { role = "user", content = "x" } } }));
        }

        upstream.Seen.ShouldAllBe(r => r.Path.StartsWith("/base/v1/") && !r.Path.Contains("admin") && !r.Path.Contains("b=c"));
    }
}
