using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Gateway.Core.Catalog;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration;

/// <summary>What a key may be used for.</summary>
public class KeyEndpointTests
{
    private const string V1 = "/admin/v1";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void EndpointKind_OfEveryOperation_HasExactlyOneName()
    {
        foreach (Operation operation in Enum.GetValues<Operation>())
        {
            string name = operation.EndpointKind().ToNames().ShouldHaveSingleItem(operation.ToName());
            EndpointKindNames.TryParse(name, out EndpointKinds kind).ShouldBeTrue();
            kind.ShouldBe(operation.EndpointKind());
        }
        EndpointKindNames.TryParse("Chat", out _).ShouldBeFalse();
    }

    // Every door that takes a key: one that forgot to ask would let it in.
    [Theory]
    [InlineData("POST", "/v1/chat/completions", "chat")]
    [InlineData("POST", "/chat/completions", "chat")]
    [InlineData("POST", "/openai/deployments/sim-chat/chat/completions", "chat")]
    [InlineData("POST", "/v1/completions", "chat")]
    [InlineData("POST", "/v1/messages", "chat")]
    [InlineData("POST", "/v1/messages/count_tokens", "chat")]
    [InlineData("POST", "/v1/responses", "chat")]
    [InlineData("GET", "/v1/responses/resp_1", "chat")]
    [InlineData("POST", "/v1beta/models/sim-chat:generateContent", "chat")]
    [InlineData("POST", "/v1/embeddings", "embeddings")]
    [InlineData("POST", "/v1beta/models/sim-embedding:embedContent", "embeddings")]
    [InlineData("POST", "/v1/rerank", "rerank")]
    [InlineData("POST", "/v1/moderations", "moderations")]
    [InlineData("POST", "/v1/images/generations", "images")]
    [InlineData("POST", "/v1/audio/speech", "audio")]
    [InlineData("GET", "/v1/files", "pass_through")]
    public async Task Call_OfAnotherKind_IsRefusedAtEveryDoor(string method, string path, string kind)
    {
        await using var product = new TestProduct();
        HttpClient client = await product.StartAsync();
        string others = await IssueAsync(client, "others", [.. EndpointKindNames.All.Where(k => k != kind)]);
        string own = await IssueAsync(client, "own", [kind]);

        (HttpStatusCode refused, string why) = await CallAsync(client, method, path, others);
        (HttpStatusCode let, _) = await CallAsync(client, method, path, own);

        refused.ShouldBe(HttpStatusCode.Forbidden);
        why.ShouldContain($"allow {kind}.");
        why.ShouldNotContain(others);
        let.ShouldNotBe(HttpStatusCode.Forbidden);
        (await CallAsync(client, "GET", "/v1/models", others)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task OrderedSummary_WithAKeyThatMayNotChat_IsRefused()
    {
        await using var product = new TestProduct();
        HttpClient client = await product.StartAsync();
        string key = await IssueAsync(client, "k", ["embeddings"]);
        client.DefaultRequestHeaders.Add("x-gateway-events", "summary");

        (await CallAsync(client, "POST", "/v1/chat/completions", key)).Status.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Call_OfAnotherKind_IsToldInTheCallersOwnWire()
    {
        await using var product = new TestProduct();
        HttpClient client = await product.StartAsync();
        string key = await IssueAsync(client, "k", ["embeddings"]);

        (_, string openAI) = await CallAsync(client, "POST", "/v1/chat/completions", key);
        (_, string anthropic) = await CallAsync(client, "POST", "/v1/messages", key);
        (_, string gemini) = await CallAsync(client, "POST", "/v1beta/models/sim-chat:generateContent", key);

        JsonElement error = JsonElement.Parse(openAI).GetProperty("error");
        (error.GetProperty("code").GetString(), error.GetProperty("type").GetString()).ShouldBe(("endpoint_not_allowed", "permission_error"));
        JsonElement.Parse(anthropic).GetProperty("error").GetProperty("type").GetString().ShouldBe("permission_error");
        JsonElement.Parse(gemini).GetProperty("error").GetProperty("status").GetString().ShouldBe("PERMISSION_DENIED");
    }

    [Fact]
    public async Task Endpoints_ChangedAndTakenAway_HoldAtOnce()
    {
        await using var product = new TestProduct();
        HttpClient client = await product.StartAsync();
        JsonElement issued = await client.PostAsync(V1 + "/keys", """{"name":"k","allowed_endpoints":["embeddings","embeddings"]}""");
        string id = issued.GetProperty("api_key").Id();
        string key = issued.GetProperty("key").GetString()!;
        Names(issued.GetProperty("api_key")).ShouldBe(["embeddings"]);

        (await client.PutAsync($"{V1}/keys/{id}", """{"allowed_endpoints":["telepathy"]}""", 400)).Paths().ShouldBe(["keys[k].allowed_endpoints[0]"]);
        Names(await client.PutAsync($"{V1}/keys/{id}", """{"allowed_endpoints":["chat"]}""")).ShouldBe(["chat"]);
        (await CallAsync(client, "POST", "/v1/embeddings", key)).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await CallAsync(client, "POST", "/v1/chat/completions", key)).Status.ShouldNotBe(HttpStatusCode.Forbidden);

        Names(await client.PutAsync($"{V1}/keys/{id}", """{"allowed_endpoints":[]}""")).ShouldBeEmpty();
        (await CallAsync(client, "POST", "/v1/embeddings", key)).Status.ShouldNotBe(HttpStatusCode.Forbidden);
    }

    private static string?[] Names(JsonElement key) => [.. key.GetProperty("allowed_endpoints").EnumerateArray().Select(n => n.GetString())];

    private static async Task<string> IssueAsync(HttpClient admin, string name, string[] endpoints) =>
        (await admin.PostAsync(V1 + "/keys", JsonSerializer.Serialize(new { name, allowed_endpoints = endpoints }))).GetProperty("key").GetString()!;

    private static async Task<(HttpStatusCode Status, string Body)> CallAsync(HttpClient client, string method, string path, string key)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (method == "POST")
        {
            request.Content = new StringContent("""{"model":"sim-chat","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}""", Encoding.UTF8, "application/json");
        }
        using HttpResponseMessage answer = await client.SendAsync(request, Cancel);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }
}
