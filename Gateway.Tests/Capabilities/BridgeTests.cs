using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Core.Accounting;
using Gateway.Core.Capabilities.Embeddings;
using Gateway.Core.Catalog;
using Gateway.Core.Generation.Conversion;
using Gateway.Providers.OpenAI.Embeddings;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Capabilities;

/// <summary>Embeddings, rankings and counts asked in one vendor's shape of another vendor's model.</summary>
public sealed class BridgeTests
{
    private const string GeminiVectors = """{"embeddings":[{"values":[0.5,-0.25]},{"values":[1,0.015306]}],"usageMetadata":{"promptTokenCount":7}}""";
    private const string CohereVectors = """{"id":"x","texts":["a","b"],"embeddings":{"float":[[0.5,-0.25],[1,0.015306]]},"meta":{"api_version":{"version":"2"},"billed_units":{"input_tokens":10}},"response_type":"embeddings_by_type"}""";
    private const string OpenAIVectors = """{"object":"list","data":[{"object":"embedding","index":1,"embedding":[1,0.015306]},{"object":"embedding","index":0,"embedding":[0.5,-0.25]}],"model":"real-model","usage":{"prompt_tokens":5,"total_tokens":5}}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ProviderKind.Gemini, GeminiVectors, 7, "/v1beta/models/real-model:batchEmbedContents", """{"requests":[{"model":"models/real-model","content":{"parts":[{"text":"a"}]},"outputDimensionality":2},{"model":"models/real-model","content":{"parts":[{"text":"b"}]},"outputDimensionality":2}]}""")]
    [InlineData(ProviderKind.Cohere, CohereVectors, 10, "/v2/embed", """{"model":"real-model","texts":["a","b"],"input_type":"search_document","embedding_types":["float"],"output_dimension":2}""")]
    public async Task Embeddings_OfOpenAIsShape_AreServedByOtherVendors(ProviderKind kind, string answer, int tokens, string path, string sent)
    {
        await using var upstream = ScriptedUpstream.Json(answer);
        await using TestGateway gateway = await TestGateway.StartAsync(Over(upstream, kind));

        using HttpResponseMessage response = await gateway.PostAsync("""{"model":"m","input":["a","b"],"dimensions":2,"user":"u"}""", "/v1/embeddings");

        string text = await response.Content.ReadAsStringAsync(Cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        text.ShouldBe($$$"""{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5,-0.25]},{"object":"embedding","index":1,"embedding":[1,0.015306]}],"model":"m","usage":{"prompt_tokens":{{{tokens}}},"total_tokens":{{{tokens}}}}}""");
        SeenRequest seen = upstream.Seen.ShouldHaveSingleItem();
        (seen.Path, seen.Body).ShouldBe((path, sent));
        (await gateway.NextRecordAsync()).Usage.ShouldBe(new Usage(UsageSource.Reported, tokens, 0, 0, 0, 0));
    }

    [Fact]
    public void Embeddings_User_IsKeptWhereTheShapeHasAPlaceForIt()
    {
        var codec = new OpenAIEmbeddingCodec();
        EmbeddingRequest request = codec.ReadRequest(JsonElement.Parse("""{"input":"a","user":"u-1"}"""));
        request.User.ShouldBe("u-1");
        request.Others.ShouldBeEmpty();
        using var written = new MemoryStream();
        using (var json = new Utf8JsonWriter(written))
        {
            codec.WriteRequest(request with { Model = "real" }, json, new ConversionNotes());
        }
        Encoding.UTF8.GetString(written.ToArray()).ShouldBe("""{"model":"real","input":["a"],"encoding_format":"float","user":"u-1"}""");
    }

    [Fact]
    public async Task Embeddings_AskedForAsBase64_AreConverted()
    {
        await using var upstream = ScriptedUpstream.Json(GeminiVectors);
        await using TestGateway gateway = await TestGateway.StartAsync(Over(upstream, ProviderKind.Gemini));

        using HttpResponseMessage response = await gateway.PostAsync("""{"model":"m","input":["a","b"],"encoding_format":"base64"}""", "/v1/embeddings");

        JsonNode body = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!;
        byte[] bytes = Convert.FromBase64String(body["data"]![0]!["embedding"]!.GetValue<string>());
        (BitConverter.ToSingle(bytes, 0), BitConverter.ToSingle(bytes, 4)).ShouldBe((0.5f, -0.25f));
    }

    [Fact]
    public async Task Embeddings_UpstreamReportsNoUsage_AnswerHasAnEstimateAndTheBooksSaySo()
    {
        await using var upstream = ScriptedUpstream.Json("""{"embeddings":[{"values":[1]}]}""");
        await using TestGateway gateway = await TestGateway.StartAsync(Over(upstream, ProviderKind.Gemini));

        using HttpResponseMessage response = await gateway.PostAsync("""{"model":"m","input":"some words to embed"}""", "/v1/embeddings");

        JsonNode body = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!;
        UsageRecord record = await gateway.NextRecordAsync();
        record.Usage.Source.ShouldBe(UsageSource.Estimated);
        body["usage"]!["prompt_tokens"]!.GetValue<long>().ShouldBe(record.Usage.InputTokens);
    }

    [Theory]
    [InlineData("""{"model":"m","input":[[1,2,3]]}""", "token numbers")]
    [InlineData("""{"model":"m","input":[]}""", "empty")]
    public async Task Embeddings_WhatCannotBeTranslated_Is400(string body, string told)
    {
        await using var upstream = ScriptedUpstream.Json(GeminiVectors);
        await using TestGateway gateway = await TestGateway.StartAsync(Over(upstream, ProviderKind.Gemini));

        using HttpResponseMessage response = await gateway.PostAsync(body, "/v1/embeddings");

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync(Cancel)).ShouldContain(told);
        upstream.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task Embeddings_FewerVectorsThanTexts_IsAnInvalidAnswerAndTriedElsewhere()
    {
        await using var poor = ScriptedUpstream.Json("""{"embeddings":[{"values":[1]}]}""");
        await using var good = ScriptedUpstream.Json(OpenAIVectors);
        CatalogDefinition catalog = TestGateway.ModelOver(poor.Url, good.Url);
        await using TestGateway gateway = await TestGateway.StartAsync(catalog with
        {
            Providers = [catalog.Providers[0] with { Kind = ProviderKind.Gemini }, catalog.Providers[1]],
        });

        using HttpResponseMessage response = await gateway.PostAsync("""{"model":"m","input":["a","b"]}""", "/v1/embeddings");

        (await response.Content.ReadAsStringAsync(Cancel)).ShouldBe(OpenAIVectors.Replace("real-model", "m", StringComparison.Ordinal));
    }

    [Fact]
    public async Task EmbedContents_OfGeminisShape_AreServedByAnOpenAIProvider()
    {
        await using var upstream = ScriptedUpstream.Json(OpenAIVectors);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        using HttpResponseMessage response = await gateway.PostAsync(
            """{"requests":[{"model":"models/m","content":{"parts":[{"text":"a"}]},"taskType":"RETRIEVAL_QUERY"},{"model":"models/m","content":{"parts":[{"text":"b"}]}}]}""",
            "/v1beta/models/m:batchEmbedContents");

        (await response.Content.ReadAsStringAsync(Cancel)).ShouldBe("""{"embeddings":[{"values":[0.5,-0.25]},{"values":[1,0.015306]}],"usageMetadata":{"promptTokenCount":5}}""");
        response.Headers.GetValues("x-gateway-lossy").ShouldHaveSingleItem().ShouldContain("task");
        upstream.Seen.ShouldHaveSingleItem().Body.ShouldBe("""{"model":"real-model","input":["a","b"],"encoding_format":"float"}""");
    }

    [Fact]
    public async Task EmbedContents_ToGemini_AreTheClientsBytesButForTheModel()
    {
        await using var upstream = ScriptedUpstream.Json(GeminiVectors);
        await using TestGateway gateway = await TestGateway.StartAsync(Over(upstream, ProviderKind.Gemini));

        using HttpResponseMessage response = await gateway.PostAsync(
            """{"requests":[ {"model":"models/m", "content":{"parts":[{"text":"model"}]},"new_field":1}]}""", "/v1beta/models/m:batchEmbedContents");

        (await response.Content.ReadAsStringAsync(Cancel)).ShouldBe(GeminiVectors);
        upstream.Seen.ShouldHaveSingleItem().Body.ShouldBe("""{"requests":[ {"model":"models/real-model", "content":{"parts":[{"text":"model"}]},"new_field":1}]}""");
        (await gateway.NextRecordAsync()).Usage.InputTokens.ShouldBe(7);
    }

    [Theory]
    [InlineData("/v1/rerank", ProviderKind.Cohere, """{"id":"x","results":[{"index":1,"relevance_score":0.7},{"index":0,"relevance_score":0.5}],"meta":{"billed_units":{"search_units":1}}}""")]
    [InlineData("/v2/rerank", ProviderKind.OpenAICompatible, """{"id":"x","model":"real-model","results":[{"index":1,"relevance_score":0.7,"document":{}},{"index":0,"relevance_score":0.5}],"usage":{"total_tokens":9}}""")]
    [InlineData("/v2/rerank", ProviderKind.OpenAICompatible, """{"object":"list","data":[{"index":1,"relevance_score":0.7},{"index":0,"relevance_score":0.5}],"model":"real-model","usage":{"total_tokens":9}}""")]
    public async Task Rerank_InEitherShape_IsServedByTheOther(string path, ProviderKind kind, string answer)
    {
        await using var upstream = ScriptedUpstream.Json(answer);
        await using TestGateway gateway = await TestGateway.StartAsync(Over(upstream, kind));

        using HttpResponseMessage response = await gateway.PostAsync("""{"model":"m","query":"q","documents":["a",{"text":"b"}],"top_n":2,"return_documents":true}""", path);

        string text = await response.Content.ReadAsStringAsync(Cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        JsonElement results = JsonDocument.Parse(text).RootElement.GetProperty("results");
        results.EnumerateArray().Select(r => (r.GetProperty("index").GetInt32(), r.GetProperty("relevance_score").GetDouble(), r.GetProperty("document").GetProperty("text").GetString()))
            .ShouldBe([(1, 0.7, "b"), (0, 0.5, "a")]);
        JsonNode sent = JsonNode.Parse(upstream.Seen.ShouldHaveSingleItem().Body)!;
        sent["documents"]!.ToJsonString().ShouldBe("""["a","b"]""");
        sent["top_n"]!.GetValue<int>().ShouldBe(2);
        UsageRecord record = await gateway.NextRecordAsync();
        if (kind == ProviderKind.Cohere)
        {
            record.Units.ShouldBe(new BilledUnits("search_unit", 1));
            record.Usage.Source.ShouldBe(UsageSource.Unknown);
        }
        else
        {
            record.Usage.InputTokens.ShouldBe(9);
        }
    }

    [Theory]
    [InlineData("/v1/messages/count_tokens", """{"model":"m","messages":[{"role":"user","content":"What is 2 + 2?"}]}""", "input_tokens")]
    [InlineData("/v1beta/models/m:countTokens", """{"contents":[{"role":"user","parts":[{"text":"What is 2 + 2?"}]}]}""", "totalTokens")]
    public async Task CountTokens_NoUpstreamCan_IsAnEstimateThatSaysSo(string path, string body, string field)
    {
        await using var upstream = ScriptedUpstream.Json("{}");
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        using HttpResponseMessage response = await gateway.PostAsync(body, path);

        string text = await response.Content.ReadAsStringAsync(Cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        JsonNode.Parse(text)![field]!.GetValue<int>().ShouldBeInRange(5, 20);
        response.Headers.GetValues("x-gateway-estimated").ShouldBe(["true"]);
        upstream.Seen.ShouldBeEmpty();
        UsageRecord record = await gateway.NextRecordAsync();
        (record.Usage.Source, record.Status).ShouldBe((UsageSource.None, 200));
    }

    [Theory]
    [InlineData(ProviderKind.Anthropic, "/v1/messages/count_tokens", """{"model":"m","messages":[{"role":"user","content":"hi"}]}""", """{"input_tokens":16}""")]
    [InlineData(ProviderKind.Gemini, "/v1beta/models/m:countTokens", """{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}""", """{"totalTokens":12,"promptTokensDetails":[{"modality":"TEXT","tokenCount":12}]}""")]
    public async Task CountTokens_TheUpstreamCan_IsItsAnswer(ProviderKind kind, string path, string body, string answer)
    {
        await using var upstream = ScriptedUpstream.Json(answer);
        await using TestGateway gateway = await TestGateway.StartAsync(Over(upstream, kind));

        using HttpResponseMessage response = await gateway.PostAsync(body, path);

        (await response.Content.ReadAsStringAsync(Cancel)).ShouldBe(answer);
        response.Headers.Contains("x-gateway-estimated").ShouldBeFalse();
        (await gateway.NextRecordAsync()).Usage.Source.ShouldBe(UsageSource.None);
    }

    // The scripted upstream's URL ends in /v1; each kind has a prefix of its own.
    private static CatalogDefinition Over(ScriptedUpstream upstream, ProviderKind kind)
    {
        CatalogDefinition catalog = TestGateway.ModelOver(upstream.Url);
        string url = upstream.Url.GetLeftPart(UriPartial.Authority);
        return catalog with { Providers = [catalog.Providers[0] with { Kind = kind, BaseUrl = kind == ProviderKind.Cohere ? url + "/v2" : url }] };
    }
}
