using System.Net;
using System.Text;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Generation;
using Gateway.Core.Live;
using Gateway.Tests.Administration;
using Gateway.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Endpoints.StoredResponses;

/// <summary><c>previous_response_id</c> and <c>/v1/responses/{id}</c> over the whole product, before a Chat upstream and before one that keeps responses itself.</summary>
public class StoredResponsesTests
{
    private const string ChatAnswer = """
        {"id":"c","object":"chat.completion","created":1,"model":"real","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"Paris."}}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PreviousResponseId_ChatUpstream_TheConversationGoesOn(bool stream)
    {
        await using ScriptedUpstream upstream = stream
            ? ScriptedUpstream.Stream(
                """{"id":"c","model":"real","choices":[{"index":0,"delta":{"role":"assistant","content":"Paris."}}]}""",
                """{"id":"c","model":"real","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}""",
                "[DONE]")
            : ScriptedUpstream.Json(ChatAnswer);
        await using var product = new TestProduct();
        (HttpClient client, string key) = await StartAsync(product, upstream, "openai-compatible");
        string streams = stream ? ",\"stream\":true" : "";

        string first = await CreateAsync(client, key, $$"""{"model":"m","input":"Capital of France?"{{streams}}}""");
        string second = await CreateAsync(client, key, $$"""{"model":"m","input":"And of Italy?","previous_response_id":"{{first}}"{{streams}}}""");
        await CreateAsync(client, key, $$"""{"model":"m","input":"Thanks","previous_response_id":"{{second}}"{{streams}}}""");

        string[] contents = [.. JsonElement.Parse(upstream.Seen.Last().Body).Items("messages").Select(m => m.Text("content")!)];
        contents.ShouldBe(["Capital of France?", "Paris.", "And of Italy?", "Paris.", "Thanks"]);
        JsonElement kept = await SendAsync(client, HttpMethod.Get, key, "/v1/responses/" + second, HttpStatusCode.OK);
        kept.Text("previous_response_id").ShouldBe(first);
        kept.Text("model").ShouldBe("m");
    }

    [Fact]
    public async Task Kept_AsksForItemsAndDeletes_AsTheApiSays()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(ChatAnswer);
        await using var product = new TestProduct();
        (HttpClient client, string key) = await StartAsync(product, upstream, "openai-compatible");
        string id = await CreateAsync(client, key, """{"model":"m","input":[{"role":"user","content":"one"},{"role":"user","content":[{"type":"input_text","text":"two"}]}]}""");
        string path = "/v1/responses/" + id;

        JsonElement page = await SendAsync(client, HttpMethod.Get, key, path + "/input_items?limit=1", HttpStatusCode.OK);
        page.GetProperty("data")[0].GetProperty("content")[0].Text("text").ShouldBe("two");
        page.Flag("has_more").ShouldBe(true);
        JsonElement next = await SendAsync(client, HttpMethod.Get, key, $"{path}/input_items?limit=1&after={page.Text("last_id")}", HttpStatusCode.OK);
        next.GetProperty("data")[0].GetProperty("content")[0].Text("text").ShouldBe("one");
        next.Flag("has_more").ShouldBe(false);
        (await SendAsync(client, HttpMethod.Post, key, path + "/cancel", HttpStatusCode.BadRequest)).GetProperty("error").Text("message")!.ShouldContain("background");
        (await SendAsync(client, HttpMethod.Get, await KeyAsync(client), path, HttpStatusCode.NotFound)).GetProperty("error").Text("message")!.ShouldContain(id);
        (await SendAsync(client, HttpMethod.Delete, key, path, HttpStatusCode.OK)).Flag("deleted").ShouldBe(true);
        await SendAsync(client, HttpMethod.Get, key, path, HttpStatusCode.NotFound);
        JsonElement lost = await SendAsync(client, HttpMethod.Post, key, "/v1/responses", HttpStatusCode.BadRequest, $$"""{"model":"m","input":"x","previous_response_id":"{{id}}"}""");
        lost.GetProperty("error").Text("code").ShouldBe("previous_response_not_found");
    }

    [Fact]
    public async Task StoreFalse_IsNotKept()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(ChatAnswer);
        await using var product = new TestProduct();
        (HttpClient client, string key) = await StartAsync(product, upstream, "openai-compatible");

        string id = await CreateAsync(client, key, """{"model":"m","input":"x","store":false}""");

        await SendAsync(client, HttpMethod.Get, key, "/v1/responses/" + id, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task SwitchedOff_PreviousResponseIdNamesTheSetting()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(ChatAnswer);
        await using var product = new TestProduct { Settings = { ["Gateway:Responses:Store"] = "false" } };
        (HttpClient client, string key) = await StartAsync(product, upstream, "openai-compatible");

        JsonElement refused = await SendAsync(client, HttpMethod.Post, key, "/v1/responses", HttpStatusCode.BadRequest, """{"model":"m","input":"x","previous_response_id":"resp_1"}""");

        refused.GetProperty("error").Text("message")!.ShouldContain("Gateway:Responses:Store");
    }

    [Fact]
    public async Task ResponsesUpstream_IsAskedForWhatItKeeps()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(c => c.JsonAsync(c.Last!.Method == "DELETE"
            ? """{"id":"resp_up","object":"response","deleted":true}"""
            : """{"id":"resp_up","object":"response","created_at":1,"status":"completed","model":"real","output":[],"usage":{"input_tokens":1,"output_tokens":1}}"""));
        await using var product = new TestProduct();
        (HttpClient client, string key) = await StartAsync(product, upstream, "openai");
        string id = await CreateAsync(client, key, """{"model":"m","input":"x"}""");
        id.ShouldBe("resp_up");

        (await SendAsync(client, HttpMethod.Get, key, "/v1/responses/resp_up?include[]=a", HttpStatusCode.OK)).Text("model").ShouldBe("m");
        upstream.Seen.Last().Path.ShouldStartWith("/v1/responses/resp_up?");
        upstream.Seen.Last().Headers["Authorization"].ShouldBe("Bearer sk-up");
        await SendAsync(client, HttpMethod.Get, await KeyAsync(client), "/v1/responses/resp_up", HttpStatusCode.NotFound);
        await CreateAsync(client, key, """{"model":"m","input":"y","previous_response_id":"resp_up"}""");
        JsonElement.Parse(upstream.Seen.Last().Body).Text("previous_response_id").ShouldBe("resp_up");
        await SendAsync(client, HttpMethod.Delete, key, "/v1/responses/resp_up", HttpStatusCode.OK);
        int seen = upstream.Seen.Count;
        await SendAsync(client, HttpMethod.Get, key, "/v1/responses/resp_up", HttpStatusCode.NotFound);
        upstream.Seen.Count.ShouldBe(seen);
    }

    // Its 200 says nothing of usage; whoever asks for it later is told what it used.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task BackgroundAnswer_CostsWhatItReserved_AndOnceWhatItUsedBeyondThat(bool stream)
    {
        const string Whole = """{"id":"resp_bg","object":"response","created_at":1,"status":"completed","background":true,"max_output_tokens":300,"model":"real","output":[],"usage":{"input_tokens":9,"output_tokens":1000,"total_tokens":1009}}""";
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(async c =>
        {
            if (c.Last!.Method == "POST")
            {
                await c.JsonAsync("""{"id":"resp_bg","object":"response","created_at":1,"status":"queued","background":true,"model":"real","output":[],"usage":null}""");
            }
            else if (stream)
            {
                await c.StreamHeadAsync();
                await c.ChunkAsync("event: response.created\ndata: " + """{"type":"response.created","response":{"id":"resp_bg","object":"response","status":"in_progress","background":true,"model":"real","output":[],"usage":null}}""" + "\n\n");
                await c.ChunkAsync("event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":" + Whole + "}\n\n");
                await c.EndAsync();
            }
            else
            {
                await c.JsonAsync(Whole);
            }
        });
        await using var product = new TestProduct();
        (HttpClient client, string key) = await StartAsync(product, upstream, "openai");
        using LiveFeed.Watcher watcher = product.Services.GetRequiredService<LiveFeed>().Watch();
        (await CreateAsync(client, key, """{"model":"m","input":"x","background":true,"max_output_tokens":300}""")).ShouldBe("resp_bg");
        Usage asked = (await watcher.Records.ReadAsync(Cancel)).Usage;
        (asked.Source, asked.OutputTokens).ShouldBe((UsageSource.Estimated, 300));
        asked.InputTokens.ShouldBePositive();

        string told = await TextAsync(client, key, "/v1/responses/resp_bg" + (stream ? "?stream=true" : ""));

        told.ShouldContain("\"model\":\"m\"");
        told.ShouldNotContain("\"real\"");
        UsageRecord beyond = await watcher.Records.ReadAsync(Cancel);
        (beyond.Usage, beyond.Provider, beyond.Model).ShouldBe((new Usage(UsageSource.Reported, 0, 0, 0, 700, 0), "up", "m"));
        await TextAsync(client, key, "/v1/responses/resp_bg");
        await CreateAsync(client, key, """{"model":"m","input":"y","background":true,"max_output_tokens":301}""");
        (await watcher.Records.ReadAsync(Cancel)).Usage.OutputTokens.ShouldBe(301, "nothing was booked in between");
    }

    private static async Task<string> TextAsync(HttpClient client, string key, string path)
    {
        using HttpRequestMessage request = Request(HttpMethod.Get, key, path, null);
        using HttpResponseMessage answer = await client.SendAsync(request, Cancel);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return await answer.Content.ReadAsStringAsync(Cancel);
    }

    private static async Task<(HttpClient Client, string Key)> StartAsync(TestProduct product, ScriptedUpstream upstream, string kind)
    {
        HttpClient client = await product.StartAsync();
        await client.PostAsync("/admin/v1/providers", $$"""{"name":"up","kind":"{{kind}}","base_url":"{{upstream.Url}}","credentials":[{"label":"main","secret":"sk-up"}]}""");
        await client.PostAsync("/admin/v1/models", """{"name":"m","model_id":"real","backends":[{"provider":"up"}]}""");
        return (client, await KeyAsync(client));
    }

    private static async Task<string> KeyAsync(HttpClient client) =>
        (await client.PostAsync("/admin/v1/keys", $$"""{"name":"{{Guid.NewGuid():N}}","rpm_limit":0,"tpm_limit":0}""")).Text("key")!;

    /// <returns>The answer's id.</returns>
    private static async Task<string> CreateAsync(HttpClient client, string key, string body)
    {
        using HttpRequestMessage request = Request(HttpMethod.Post, key, "/v1/responses", body);
        using HttpResponseMessage answer = await client.SendAsync(request, Cancel);
        string text = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(answer.IsSuccessStatusCode, text);
        string json = text.StartsWith('{') ? text : text.Split('\n').Last(l => l.StartsWith("data: ", StringComparison.Ordinal))[6..];
        JsonElement response = JsonElement.Parse(json);
        return (response.Has("response", out JsonElement inner) ? inner : response).Text("id")!;
    }

    private static async Task<JsonElement> SendAsync(HttpClient client, HttpMethod method, string key, string path, HttpStatusCode status, string? body = null)
    {
        using HttpRequestMessage request = Request(method, key, path, body);
        using HttpResponseMessage answer = await client.SendAsync(request, Cancel);
        string text = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(answer.StatusCode == status, $"{method} {path}: {answer.StatusCode} {text}");
        return JsonElement.Parse(text);
    }

    private static HttpRequestMessage Request(HttpMethod method, string key, string path, string? body) => new(method, path)
    {
        Headers = { { "Authorization", "Bearer " + key } },
        Content = body is null ? null : new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { { "Content-Type", "application/json" } } },
    };
}
