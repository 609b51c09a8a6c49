using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Gateway.Core.Keys;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration;

/// <summary>Where a key may be used from.</summary>
public class KeyNetworkTests
{
    private const string V1 = "/admin/v1";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7", true)]
    [InlineData("203.0.113.7", "203.0.113.8", false)]
    [InlineData("203.0.113.0/24", "203.0.113.255", true)]
    [InlineData("203.0.113.0/24", "::ffff:203.0.113.1", true)]
    [InlineData("203.0.113.0/24", "2001:db8::1", false)]
    [InlineData("2001:db8::/32", "2001:db8:1::1", true)]
    [InlineData("10.1.2.3/8", "10.9.9.9", true)]
    [InlineData("2001:db8::1", "2001:db8::1", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("0.0.0.0/0", null, false)]
    public void Allow_ANetwork_HoldsItsOwnAddressesOnly(string text, string? client, bool allowed)
    {
        ClientNetworks.TryParse(text, out IPNetwork network).ShouldBeTrue();
        ClientNetworks.Allow([network], client is null ? null : IPAddress.Parse(client)).ShouldBe(allowed);
    }

    [Fact]
    public void Allow_WithoutNetworks_IsEverywhere() => ClientNetworks.Allow([], null).ShouldBeTrue();

    [Theory]
    [InlineData("")]
    [InlineData("10.1")]
    [InlineData("10/8")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/")]
    [InlineData("example.com")]
    [InlineData("*")]
    public void TryParse_NoNetwork_IsRefused(string text) => ClientNetworks.TryParse(text, out _).ShouldBeFalse();

    // Every door that takes a key: one that forgot to ask would let it in.
    [Theory]
    [InlineData("POST", "/v1/chat/completions")]
    [InlineData("POST", "/v1/messages")]
    [InlineData("POST", "/v1/responses")]
    [InlineData("POST", "/v1beta/models/sim-chat:generateContent")]
    [InlineData("GET", "/v1/models")]
    [InlineData("GET", "/v1/responses/resp_1")]
    [InlineData("GET", "/v1/files")]
    [InlineData("GET", "/self/v1")]
    public async Task Call_FromElsewhere_IsRefusedAtEveryDoor(string method, string path)
    {
        await using TestProduct product = ProductBehindAProxy();
        HttpClient client = await product.StartAsync();
        string key = await IssueAsync(client, """["203.0.113.0/24","2001:db8::1"]""");

        (HttpStatusCode here, string why) = await CallAsync(client, method, path, key, from: null);
        (HttpStatusCode elsewhere, _) = await CallAsync(client, method, path, key, from: "198.51.100.1");
        (HttpStatusCode there, _) = await CallAsync(client, method, path, key, from: "203.0.113.9");

        (here, elsewhere).ShouldBe((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized));
        there.ShouldNotBe(HttpStatusCode.Unauthorized);
        why.ShouldContain(path == "/self/v1" ? "address" : "127.0.0.1");
        why.ShouldNotContain(key);
    }

    [Fact]
    public async Task Call_FromElsewhere_HasTheCodeThatClientsKnow()
    {
        await using TestProduct product = ProductBehindAProxy();
        HttpClient client = await product.StartAsync();
        string key = await IssueAsync(client, """["203.0.113.7"]""");

        (_, string answer) = await CallAsync(client, "POST", "/v1/chat/completions", key, from: "203.0.113.8");

        JsonElement error = JsonElement.Parse(answer).GetProperty("error");
        error.GetProperty("code").GetString().ShouldBe("ip_not_authorized");
        error.GetProperty("message").GetString()!.ShouldContain("203.0.113.8");
    }

    [Fact]
    public async Task Networks_ChangedAndTakenAway_HoldAtOnce()
    {
        await using TestProduct product = ProductBehindAProxy();
        HttpClient client = await product.StartAsync();
        JsonElement issued = await client.PostAsync(V1 + "/keys", """{"name":"k","allowed_networks":[" 203.0.113.7 "],"tags":["billing","eu","billing"]}""");
        string id = issued.GetProperty("api_key").Id();
        string key = issued.GetProperty("key").GetString()!;
        issued.GetProperty("api_key").GetProperty("allowed_networks").EnumerateArray().Select(n => n.GetString()).ShouldBe(["203.0.113.7"]);
        issued.GetProperty("api_key").GetProperty("tags").EnumerateArray().Select(n => n.GetString()).ShouldBe(["billing", "eu"]);
        (await CallAsync(client, "GET", "/v1/models", key, from: null)).Status.ShouldBe(HttpStatusCode.Unauthorized);

        (await client.PutAsync($"{V1}/keys/{id}", """{"allowed_networks":["10.1/8"]}""", 400)).Paths().ShouldBe(["keys[k].allowed_networks[0]"]);
        (await client.PutAsync($"{V1}/keys/{id}", """{"tags":[""]}""", 400)).Paths().ShouldBe(["tags"]);
        await client.PutAsync($"{V1}/keys/{id}", """{"allowed_networks":["127.0.0.0/8"]}""");
        (await CallAsync(client, "GET", "/v1/models", key, from: null)).Status.ShouldBe(HttpStatusCode.OK);
        (await CallAsync(client, "GET", "/v1/models", key, from: "203.0.113.7")).Status.ShouldBe(HttpStatusCode.Unauthorized);

        (_, string own) = await CallAsync(client, "GET", "/self/v1", key, from: null);
        JsonElement.Parse(own).GetProperty("networks").EnumerateArray().Select(n => n.GetString()).ShouldBe(["127.0.0.0/8"]);

        JsonElement open = await client.PutAsync($"{V1}/keys/{id}", """{"allowed_networks":null}""");
        open.GetProperty("allowed_networks").GetArrayLength().ShouldBe(0);
        open.GetProperty("tags").GetArrayLength().ShouldBe(2);
        (await CallAsync(client, "GET", "/v1/models", key, from: "203.0.113.7")).Status.ShouldBe(HttpStatusCode.OK);
    }

    private static TestProduct ProductBehindAProxy()
    {
        var product = new TestProduct { OnSocket = true };
        product.Settings["Gateway:Server:TrustedProxies"] = "127.0.0.0/8";
        return product;
    }

    private static async Task<string> IssueAsync(HttpClient admin, string networks) =>
        (await admin.PostAsync(V1 + "/keys", $$"""{"name":"k","allowed_networks":{{networks}}}""")).GetProperty("key").GetString()!;

    private static async Task<(HttpStatusCode Status, string Body)> CallAsync(HttpClient client, string method, string path, string key, string? from)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), client.BaseAddress + path.TrimStart('/'));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (from is not null)
        {
            request.Headers.Add("X-Forwarded-For", from);
        }
        if (method == "POST")
        {
            request.Content = new StringContent("""{"model":"no-such-model","messages":[{"role":"user","content":"hi"}]}""", Encoding.UTF8, "application/json");
        }
        using HttpResponseMessage answer = await client.SendAsync(request, Cancel);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }
}
