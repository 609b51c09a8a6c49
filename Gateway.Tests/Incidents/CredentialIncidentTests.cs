using System.Net;
using System.Text;
using Gateway.Core.Accounting;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Incidents;

/// <summary>Keys that went where they do not belong: the client's to the provider, the provider's to the client or the books.</summary>
public sealed class CredentialIncidentTests
{
    // What TestGateway.ModelOver gives its first provider.
    private const string ProviderSecret = "sk-upstream-secret-0";

    private static readonly string[] CredentialHeaders =
    [
        "x-api-key", "api-key", "x-goog-api-key", "Cookie", "Proxy-Authorization", "X-Admin-Key", "X-Auth-Token", "X-Amz-Security-Token",
        "Ocp-Apim-Subscription-Key", "OpenAI-Organization",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // litellm#32202, NVIDIA-NeMo/Switchyard#410: the client's credential went to the provider.
    [Theory]
    [InlineData("POST", "/v1/chat/completions")]
    [InlineData("POST", "/v1/messages")]
    [InlineData("POST", "/v1/responses")]
    [InlineData("POST", "/v1/embeddings")]
    [InlineData("GET", "/v1/files")]
    [InlineData("POST", "/v1/batches")]
    [InlineData("GET", "/providers/provider-0/v1/anything?key=canary-in-query")]
    public async Task ClientsCredentials_InAnyHeader_NeverReachTheUpstream(string method, string path)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url), new() { MaxRetries = 0, DefaultProvider = "provider-0" });
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method == "POST")
        {
            request.Content = new StringContent("""{"model":"m","messages":[{"role":"user","content":"x"}],"input":"x","max_tokens":5}""", Encoding.UTF8, "application/json");
        }
        foreach (string name in CredentialHeaders)
        {
            request.Headers.TryAddWithoutValidation(name, "canary-of-" + name);
        }

        using HttpResponseMessage response = await gateway.Client.SendAsync(request, Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Cancel));
        SeenRequest seen = upstream.Seen.ShouldHaveSingleItem();
        string all = seen.Path + "\n" + string.Join('\n', seen.Headers.Select(h => $"{h.Key}: {h.Value}")) + seen.Body;
        all.ShouldNotContain("canary");
        all.ShouldNotContain(TestGateway.Key);
        all.ShouldContain(ProviderSecret);
    }

    // litellm#8075, #24902, #39964: the provider repeated the key in its error, and it was passed on and written down.
    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(200)]
    public async Task UpstreamErrorThatRepeatsTheKey_IsToldWithoutIt(int status)
    {
        string echo = Answers.Error($"Incorrect API key provided: {ProviderSecret}. Sent as Authorization: Bearer {ProviderSecret} to http://127.0.0.1/?key={ProviderSecret}", "invalid_request_error", "bad_" + ProviderSecret);
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(echo, status, $"X-Echo: {ProviderSecret}\r\n");
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url), new() { MaxRetries = 0, DefaultProvider = "provider-0" });
        foreach (string path in (string[])["/v1/chat/completions", "/v1/messages", "/v1/responses", "/v1/embeddings", "/v1beta/models/m:generateContent", "/v1/batches"])
        {
            using HttpResponseMessage response = await gateway.PostAsync(
                """{"model":"m","messages":[{"role":"user","content":"x"}],"input":"x","max_tokens":5,"contents":[{"parts":[{"text":"x"}]}]}""", path);
            string all = response.Headers + await response.Content.ReadAsStringAsync(Cancel);
            all.ShouldNotContain(ProviderSecret, Case.Sensitive, path);
            UsageRecord record = await gateway.NextRecordAsync();
            System.Text.Json.JsonSerializer.Serialize(record).ShouldNotContain(ProviderSecret, Case.Sensitive, path);
        }
    }

    [Fact]
    public async Task StreamErrorThatRepeatsTheKey_IsToldWithoutIt()
    {
        string echo = Answers.Error($"failed with {ProviderSecret}");
        await using ScriptedUpstream upstream = ScriptedUpstream.Stream(Answers.Role, Answers.Delta("hi"), echo);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        using HttpResponseMessage response = await gateway.ChatAsync("\"stream\":true");

        string stream = await response.Content.ReadAsStringAsync(Cancel);
        stream.ShouldContain("hi");
        stream.ShouldContain("failed with");
        stream.ShouldNotContain(ProviderSecret);
    }

    // What is passed through is not held up for it: the answer arrives piece by piece, and the secret in none of them.
    [Theory]
    [InlineData("application/json")]
    [InlineData("text/event-stream")]
    [InlineData("audio/mpeg")]
    public async Task PassedThroughAnswerThatRepeatsTheKey_CutAnywhere_ComesWithoutIt(string type)
    {
        const string Text = $"data: {ProviderSecret} sk-upstream-\n\n{ProviderSecret}{ProviderSecret}";
        string expected = Text.Replace(ProviderSecret, new string('*', ProviderSecret.Length), StringComparison.Ordinal);
        var seen = new SemaphoreSlim(0);
        int cut = 0;
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(async c =>
        {
            await c.RawAsync($"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nTransfer-Encoding: chunked\r\n\r\n");
            await c.ChunkAsync("first\n\n");
            await seen.WaitAsync(c.Stop);
            await c.ChunkAsync(Text[..cut]);
            await c.ChunkAsync(Text[cut..]);
            await c.EndAsync();
        });
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url), new() { MaxRetries = 0, DefaultProvider = "provider-0" });
        for (cut = 1; cut < Text.Length; cut++)
        {
            using HttpResponseMessage response = await gateway.PostAsync("{}", "/v1/batches", HttpCompletionOption.ResponseHeadersRead);
            await using Stream body = await response.Content.ReadAsStreamAsync(Cancel);
            byte[] first = new byte["first\n\n".Length];
            await body.ReadExactlyAsync(first, Cancel);
            seen.Release();
            using var rest = new StreamReader(body);
            (await rest.ReadToEndAsync(Cancel)).ShouldBe(expected, $"cut at {cut}");
            (await gateway.NextRecordAsync()).ResponseBytes.ShouldBe(first.Length + Text.Length);
        }
    }

    // litellm#25203: the client's key was echoed in the refusal.
    [Theory]
    [InlineData("/v1/chat/completions")]
    [InlineData("/v1/messages")]
    [InlineData("/v1beta/models/m:generateContent?key=ml-canary-of-the-client")]
    [InlineData("/v1/files?key=ml-canary-of-the-client")]
    public async Task WrongClientKey_IsNotEchoed(string path)
    {
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(new Uri("http://127.0.0.1:1/v1")));
        gateway.Client.DefaultRequestHeaders.Clear();
        gateway.Client.DefaultRequestHeaders.Add("Authorization", "Bearer ml-canary-of-the-client");

        using HttpResponseMessage response = await gateway.PostAsync("{}", path);

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (response.Headers + await response.Content.ReadAsStringAsync(Cancel)).ShouldNotContain("canary");
    }
}
