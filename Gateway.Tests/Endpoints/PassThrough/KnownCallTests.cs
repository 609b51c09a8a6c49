using System.Net;
using Gateway.Core;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Tests.Hosting;
using Gateway.Web.Endpoints;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Endpoints.PassThrough;

/// <summary>What the gateway understands goes through its limits, budgets and rules, by whatever path it comes.</summary>
public sealed class KnownCallTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/chat/completions", Operation.ChatCompletions, null)]
    [InlineData("/chat/completions/", Operation.ChatCompletions, null)]
    [InlineData("/v1/chat/completions", Operation.ChatCompletions, null)]
    [InlineData("/Chat/Completions", Operation.ChatCompletions, null)]
    [InlineData("/chat%2Fcompletions", Operation.ChatCompletions, null)]
    [InlineData("/%2Fchat/completions", Operation.ChatCompletions, null)]
    [InlineData("/chat%5Ccompletions", Operation.ChatCompletions, null)]
    [InlineData("/openai/v1/responses", Operation.Responses, null)]
    [InlineData("/openai/deployments/gpt/chat/completions", Operation.ChatCompletions, "gpt")]
    [InlineData("/v2/rerank", Operation.CohereRerank, null)]
    [InlineData("/messages", Operation.Messages, null)]
    [InlineData("/responses/compact", Operation.ResponsesCompact, null)]
    [InlineData("/models/gemini-x:generateContent", Operation.GenerateContent, "gemini-x")]
    [InlineData("/publishers/google/models/gemini-x:streamGenerateContent", Operation.GenerateContent, "gemini-x")]
    [InlineData("/v1beta/models/a/b:countTokens", Operation.GeminiCountTokens, "a/b")]
    [InlineData("/tunedModels/mine:generateContent", Operation.GenerateContent, "tunedModels/mine")]
    [InlineData("/v1beta/tunedmodels/mine:streamGenerateContent", Operation.GenerateContent, "tunedModels/mine")]
    [InlineData("/projects/p/locations/l/endpoints/123:generateContent", Operation.GenerateContent, "endpoints/123")]
    [InlineData("/v1/projects/p/locations/l/Endpoints/123:streamGenerateContent", Operation.GenerateContent, "endpoints/123")]
    [InlineData("/v1beta1/projects/p/locations/l/endpoints/openapi/chat/completions", Operation.ChatCompletions, null)]
    [InlineData("/projects/p/locations/l/Endpoints/OpenAPI/embeddings", Operation.Embeddings, null)]
    public void Find_WhatTheGatewayUnderstands_IsFoundHoweverItIsWritten(string path, Operation operation, string? model)
    {
        KnownCall call = KnownCalls.Find(path).ShouldNotBeNull();

        (call.Operation, call.Model).ShouldBe((operation, model));
    }

    [Theory]
    [InlineData("/files")]
    [InlineData("/threads/thread_1/messages")]
    [InlineData("/conversations/conv_1/items")]
    [InlineData("/messages/batches")]
    [InlineData("/chat/completions/chatcmpl-1")]
    [InlineData("/models/gpt-4o")]
    [InlineData("/tunedModels/mine:transferOwnership")]
    [InlineData("/projects/p/locations/l/endpoints/123:predict")]
    [InlineData("/projects/p/locations/l/endpoints/123/chat/completions")]
    [InlineData("/realtime")]
    public void Find_WhatMeansNothingToTheGateway_IsLeftToProviders(string path) => KnownCalls.Find(path).ShouldBeNull();

    [Theory]
    [InlineData("/providers/openai-0/chat/completions")]
    [InlineData("/providers/openai-0/v1/chat/completions")]
    [InlineData("/providers/openai-0/chat%2Fcompletions")]
    [InlineData("/v1/chat%2Fcompletions")]
    public async Task Chat_BelowAProvider_IsTheOrdinaryCallWithThatProviderPinned(string path)
    {
        await using var upstream = ScriptedUpstream.Json(Answers.Chat);
        await using var other = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(Catalog(upstream.Url, other.Url));

        using HttpResponseMessage response = await gateway.PostAsync(TestGateway.Body(), path);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        upstream.Seen.ShouldHaveSingleItem().Body.ShouldContain("\"real-model\"");
        other.Seen.ShouldBeEmpty();
        UsageRecord record = await gateway.NextRecordAsync();
        (record.Operation, record.Model, record.Provider, record.Usage.Source).ShouldBe((Operation.ChatCompletions, "m", "openai-0", UsageSource.Reported));
    }

    [Fact]
    public async Task Chat_OfTheProvidersOwnModel_KeepsItsName()
    {
        await using var upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(Catalog(upstream.Url));

        using HttpResponseMessage response = await gateway.PostAsync("""{"model":"its-own","messages":[{"role":"user","content":"hello"}]}""", "/providers/openai-0/chat/completions");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        upstream.Seen.ShouldHaveSingleItem().Body.ShouldContain("\"its-own\"");
    }

    // Google's own models go by their own wire, those of others by OpenAI's; both are in the books as what they are.
    [Theory]
    [InlineData("google/gemini-2.5-flash", "/v1/projects/p/locations/l/publishers/google/models/gemini-2.5-flash:generateContent",
        """{"candidates":[{"index":0,"content":{"role":"model","parts":[{"text":"hi"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":1,"totalTokenCount":2}}""")]
    [InlineData("meta/llama-3.3-70b-instruct-maas", "/v1/projects/p/locations/l/endpoints/openapi/chat/completions", Answers.Chat)]
    public async Task Chat_OnVertexByOpenAIsWire_IsTheOrdinaryCall(string model, string path, string answer)
    {
        await using var upstream = ScriptedUpstream.Json(answer);
        await using TestGateway gateway = await TestGateway.StartAsync(new CatalogDefinition
        {
            Providers = [new ProviderDefinition
            {
                Id = "v",
                Name = "vertex",
                Kind = ProviderKind.Vertex,
                BaseUrl = upstream.Url.ToString(),
                Credentials = [new CredentialDefinition { Id = "c", Label = "main", Secret = "a-token" }],
                Settings = new Dictionary<string, string> { ["project"] = "p", ["location"] = "l" },
            }],
        });

        using HttpResponseMessage response = await gateway.PostAsync(
            $$"""{"model":"{{model}}","messages":[{"role":"user","content":"hello"}]}""", "/providers/vertex/v1/projects/p/locations/l/endpoints/openapi/chat/completions");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        upstream.Seen.ShouldHaveSingleItem().Path.ShouldBe(path);
        UsageRecord record = await gateway.NextRecordAsync();
        (record.Operation, record.UpstreamModel, record.Provider, record.Usage.Source).ShouldBe((Operation.ChatCompletions, model, "vertex", UsageSource.Reported));
    }

    [Theory]
    [InlineData("/providers/openai-0/chat/completions")]
    [InlineData("/providers/openai-0/models/m:streamGenerateContent")]
    public async Task Generating_BelowAProvider_ReservesTokensAsEveryCallDoes(string path)
    {
        await using var upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(Catalog(upstream.Url) with { Keys = [TestGateway.KeyOf(TestGateway.Key, tpm: 10_000)] });

        using HttpResponseMessage response = await gateway.PostAsync(
            """{"model":"m","messages":[{"role":"user","content":"hello"}],"max_tokens":5000,"contents":[{"parts":[{"text":"hello"}]}],"generationConfig":{"maxOutputTokens":5000}}""", path);

        (await gateway.NextRecordAsync()).ReservedTokens.ShouldBeGreaterThan(5000);
    }

    [Theory]
    [InlineData("/providers/openai-0/chat/completions", "other", true)]
    [InlineData("/providers/openai-0/chat/completions", null, false)]
    [InlineData("/providers/nobody/chat/completions", null, true)]
    public async Task Chat_BelowAProvider_ThatTheKeyMayNotCall_Is404(string path, string? models, bool mayChoose)
    {
        await using var upstream = ScriptedUpstream.Json(Answers.Chat);
        ApiKeyDefinition key = TestGateway.KeyOf(TestGateway.Key, models: models is null ? null : [models]) with { AllowRouting = mayChoose };
        await using TestGateway gateway = await TestGateway.StartAsync(Catalog(upstream.Url) with { Keys = [key] });

        using HttpResponseMessage response = await gateway.PostAsync(TestGateway.Body(), path);

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        upstream.Seen.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/v1//chat/completions")]
    [InlineData("/v1/chat//completions")]
    [InlineData("/v1//files")]
    [InlineData("/providers/openai-0//chat/completions")]
    public async Task Path_WithNothingBetweenTwoSlashes_Is404AndReachesNobody(string path)
    {
        await using var upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(Catalog(upstream.Url));

        using HttpResponseMessage response = await gateway.PostAsync(TestGateway.Body(), path);

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await response.Content.ReadAsStringAsync(Cancel)).ShouldContain("two slashes");
        upstream.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task Chat_BelowAProvider_ByAnotherMethod_Is405()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(Catalog(new Uri("http://127.0.0.1:9/v1")));

        using HttpResponseMessage response = await gateway.Client.GetAsync("/providers/openai-0/responses", Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
    }

    [Theory]
    [InlineData("/v1/responses/compact", """{"id":"resp_1","object":"response.compaction","output":[],"usage":{"input_tokens":10,"output_tokens":4,"total_tokens":14}}""", 10)]
    [InlineData("/v1/responses/input_tokens", """{"object":"response.input_tokens","input_tokens":16}""", 0)]
    public async Task WhatBelongsToResponses_IsRoutedByItsModelAndRenamed(string path, string answer, int tokens)
    {
        await using var upstream = ScriptedUpstream.Json(answer);
        await using var other = ScriptedUpstream.Json(answer);
        await using TestGateway gateway = await TestGateway.StartAsync(Catalog(upstream.Url, other.Url));

        using HttpResponseMessage response = await gateway.PostAsync("""{"model":"m","input":[{"role":"user","content":"hello"}],"instructions":"short"}""", path);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.Content.ReadAsStringAsync(Cancel)).ShouldBe(answer);
        SeenRequest seen = upstream.Seen.ShouldHaveSingleItem();
        (seen.Path, seen.Body).ShouldBe((path, """{"model":"real-model","input":[{"role":"user","content":"hello"}],"instructions":"short"}"""));
        (await gateway.NextRecordAsync()).Usage.InputTokens.ShouldBe(tokens);
    }

    [Fact]
    public async Task CountingTokens_WhereNoBackendCan_IsEstimatedInTheApisShape()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(new Uri("http://127.0.0.1:9/v1")));

        using HttpResponseMessage response = await gateway.PostAsync("""{"model":"m","input":"hello there"}""", "/v1/responses/input_tokens");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.Content.ReadAsStringAsync(Cancel)).ShouldStartWith("""{"object":"response.input_tokens","input_tokens":""");
        response.Headers.GetValues("x-gateway-estimated").ShouldBe(["true"]);
    }

    [Fact]
    public async Task MessageBatches_GoToTheOnlyAnthropicProvider_WhateverTheDefaultIs()
    {
        await using var openai = ScriptedUpstream.Json("{}");
        await using var anthropic = ScriptedUpstream.Json("""{"id":"msgbatch_1","type":"message_batch"}""");
        CatalogDefinition catalog = Catalog(openai.Url);
        await using TestGateway gateway = await TestGateway.StartAsync(
            catalog with { Providers = [.. catalog.Providers, new ProviderDefinition { Id = "a", Name = "claude", Kind = ProviderKind.Anthropic, BaseUrl = anthropic.Url.ToString() }] },
            new GatewayOptions { DefaultProvider = "openai-0" });

        using HttpResponseMessage response = await gateway.PostAsync("""{"requests":[]}""", "/v1/messages/batches");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        anthropic.Seen.ShouldHaveSingleItem().Path.ShouldBe("/v1/messages/batches");
        openai.Seen.ShouldBeEmpty();
    }

    // Both vendors have files: those of Anthropic's SDKs were uploaded to OpenAI.
    [Theory]
    [InlineData("2023-06-01", "claude")]
    [InlineData(null, "openai-0")]
    public async Task Files_GoToTheVendorWhoseSdkAsks(string? version, string provider)
    {
        await using var openai = ScriptedUpstream.Json("{}");
        await using var anthropic = ScriptedUpstream.Json("{}");
        CatalogDefinition catalog = Catalog(openai.Url);
        await using TestGateway gateway = await TestGateway.StartAsync(
            catalog with { Providers = [.. catalog.Providers, new ProviderDefinition { Id = "a", Name = "claude", Kind = ProviderKind.Anthropic, BaseUrl = anthropic.Url.ToString() }] });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/files");
        if (version is not null)
        {
            request.Headers.Add("anthropic-version", version);
        }

        using HttpResponseMessage response = await gateway.Client.SendAsync(request, Cancel);

        response.Headers.GetValues("x-gateway-provider").ShouldBe([provider]);
    }

    [Fact]
    public async Task MessageBatches_WithoutAnAnthropicProvider_Are404InItsEnvelope()
    {
        await using var openai = ScriptedUpstream.Json("{}");
        await using TestGateway gateway = await TestGateway.StartAsync(Catalog(openai.Url));

        using HttpResponseMessage response = await gateway.PostAsync("""{"requests":[]}""", "/v1/messages/batches");

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await response.Content.ReadAsStringAsync(Cancel)).ShouldStartWith("""{"type":"error","error":{"type":"not_found_error",""");
        openai.Seen.ShouldBeEmpty();
    }

    // One provider for each upstream; the model m has a backend on the first.
    private static CatalogDefinition Catalog(params Uri[] upstreams) => new()
    {
        Providers = [.. upstreams.Select((u, i) => new ProviderDefinition
        {
            Id = $"p{i}",
            Name = $"openai-{i}",
            Kind = ProviderKind.OpenAI,
            BaseUrl = u.ToString(),
            Credentials = [new CredentialDefinition { Id = $"c{i}", Label = "main", Secret = $"sk-{i}" }],
        })],
        Models = [new ModelDefinition { Id = "m", Name = "m", Backends = [new BackendDefinition { Id = "b", Provider = "openai-0", UpstreamModel = "real-model" }] }],
    };
}
