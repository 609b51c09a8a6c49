using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Tests.Corpus;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Capabilities;

/// <summary>Embeddings and rankings of models on Vertex AI and Bedrock, with recorded answers of both.</summary>
public sealed class CloudBridgeTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Embeddings_RecordedAtVertex_ArriveInOpenAIsShape()
    {
        int count = 0;
        foreach (RecordedExchange exchange in RecordedExchange.Read("vertex.predict").Where(e => e.Status < 400))
        {
            using JsonDocument recorded = JsonDocument.Parse(exchange.Response);
            JsonElement[] predictions = [.. recorded.RootElement.GetProperty("predictions").EnumerateArray()];
            long tokens = predictions.Sum(p => p.GetProperty("embeddings").GetProperty("statistics").TryGetProperty("token_count", out JsonElement n) ? n.GetInt64() : 0);

            (JsonNode body, SeenRequest seen, UsageRecord record) = await EmbedAsync(ProviderKind.Vertex, "gemini-embedding-001", exchange, predictions.Length);

            body["data"]!.AsArray().Select(d => d!["embedding"]!.AsArray().Count).ShouldBe(predictions.Select(p => p.GetProperty("embeddings").GetProperty("values").GetArrayLength()));
            body["usage"]!["prompt_tokens"]!.GetValue<long>().ShouldBe(tokens);
            record.Usage.ShouldBe(new Usage(UsageSource.Reported, tokens, 0, 0, 0, 0));
            seen.Path.ShouldBe("/v1/projects/p/locations/l/publishers/google/models/gemini-embedding-001:predict");
            JsonNode.Parse(seen.Body)!["instances"]![0]!.ToJsonString().ShouldBe("""{"content":"text 0"}""");
            count++;
        }
        count.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Embeddings_RecordedAtBedrock_ArriveInOpenAIsShape()
    {
        int count = 0;
        foreach (RecordedExchange exchange in RecordedExchange.Read("bedrock.invoke").Where(e => e.Status < 400))
        {
            string model = exchange.Model ?? "";
            if (!model.Contains("cohere.embed", StringComparison.Ordinal) && !model.Contains("titan-embed", StringComparison.Ordinal))
            {
                continue;
            }
            bool titan = model.Contains("titan", StringComparison.Ordinal);

            (JsonNode body, SeenRequest seen, UsageRecord record) = await EmbedAsync(ProviderKind.Bedrock, model, exchange, 1);

            body["data"]![0]!["embedding"]!.AsArray().Count.ShouldBeGreaterThan(100, exchange.Id);
            seen.Path.ShouldBe($"/model/{Uri.EscapeDataString(model)}/invoke");
            seen.Body.ShouldBe(titan ? """{"inputText":"text 0"}""" : """{"texts":["text 0"],"input_type":"search_document"}""");
            record.Usage.Source.ShouldBe(titan ? UsageSource.Reported : UsageSource.Estimated, exchange.Id);
            count++;
        }
        count.ShouldBeGreaterThan(3);
    }

    [Theory]
    [InlineData("amazon.titan-embed-text-v2:0", """{"model":"m","input":["a","b"]}""", "one text")]
    [InlineData("meta.llama3-8b-instruct-v1:0", """{"model":"m","input":"a"}""", "cohere.embed")]
    public async Task Embeddings_WhatBedrockCannotDo_Is400(string model, string body, string told)
    {
        await using var upstream = ScriptedUpstream.Json("{}");
        await using TestGateway gateway = await TestGateway.StartAsync(Over(upstream.Url, ProviderKind.Bedrock, model));

        using HttpResponseMessage response = await gateway.PostAsync(body, "/v1/embeddings");

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync(Cancel)).ShouldContain(told);
        upstream.Seen.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"embeddings":{"int8":[[1]]}}""")]
    [InlineData("""{"embedding":"?"}""")]
    [InlineData("""{"completion":"hi"}""")]
    public async Task Embeddings_WithoutVectors_AreAnInvalidAnswer(string answer)
    {
        await using var upstream = ScriptedUpstream.Json(answer);
        await using TestGateway gateway = await TestGateway.StartAsync(Over(upstream.Url, ProviderKind.Bedrock, "cohere.embed-v4:0"));

        (await gateway.PostAsync("""{"model":"m","input":"a"}""", "/v1/embeddings")).StatusCode.ShouldBe(HttpStatusCode.BadGateway);
    }

    [Theory]
    [InlineData("cohere.rerank-v3-5:0", ",\"api_version\":2")]
    [InlineData("amazon.rerank-v1:0", "")]
    public async Task Rankings_OnBedrock_ArriveInTheShapeThatWasAsked(string model, string version)
    {
        await using var upstream = ScriptedUpstream.Json("""{"results":[{"index":1,"relevance_score":0.9},{"index":0,"relevance_score":0.1}]}""");
        await using TestGateway gateway = await TestGateway.StartAsync(Over(upstream.Url, ProviderKind.Bedrock, model));

        using HttpResponseMessage response = await gateway.PostAsync("""{"model":"m","query":"q","documents":["a",{"text":"b"}],"top_n":2}""", "/v1/rerank");

        JsonNode body = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!;
        body["results"]!.AsArray().Select(r => r!["index"]!.GetValue<int>()).ShouldBe([1, 0]);
        upstream.Seen.Single().Body.ShouldBe($$"""{"query":"q","documents":["a","b"],"top_n":2{{version}}}""");
    }

    private static async Task<(JsonNode Body, SeenRequest Seen, UsageRecord Record)> EmbedAsync(ProviderKind kind, string model, RecordedExchange exchange, int texts)
    {
        await using var upstream = ScriptedUpstream.Json(System.Text.Encoding.UTF8.GetString(exchange.Response));
        await using TestGateway gateway = await TestGateway.StartAsync(Over(upstream.Url, kind, model));
        string input = JsonSerializer.Serialize(Enumerable.Range(0, texts).Select(i => $"text {i}"));

        using HttpResponseMessage response = await gateway.PostAsync($$"""{"model":"m","input":{{input}}}""", "/v1/embeddings");

        string text = await response.Content.ReadAsStringAsync(Cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, $"{exchange.Id}: {text}");
        return (JsonNode.Parse(text)!, upstream.Seen.Single(), await gateway.NextRecordAsync());
    }

    private static CatalogDefinition Over(Uri url, ProviderKind kind, string model)
    {
        CatalogDefinition catalog = TestGateway.ModelOver(url);
        return catalog with
        {
            Providers =
            [
                catalog.Providers[0] with
                {
                    Kind = kind,
                    BaseUrl = kind == ProviderKind.Vertex ? url.ToString() : url.GetLeftPart(UriPartial.Authority),
                    Settings = kind == ProviderKind.Vertex
                        ? new Dictionary<string, string> { ["project"] = "p", ["location"] = "l" }
                        : new Dictionary<string, string> { ["region"] = "us-east-1" },
                },
            ],
            Models = [catalog.Models[0] with { ModelId = model }],
        };
    }
}
