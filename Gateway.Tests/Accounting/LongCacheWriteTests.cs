using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Accounting;

/// <summary>What Anthropic keeps in its cache for an hour costs more than what it keeps for five minutes.</summary>
public sealed class LongCacheWriteTests
{
    private const string Counts = """{"input_tokens":10,"cache_creation_input_tokens":100,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":40,"ephemeral_1h_input_tokens":60},"output_tokens":1}""";

    [Theory]
    [InlineData("/v1/messages")]
    [InlineData("/v1/chat/completions")]
    public async Task Answer_Whole_IsPricedByHowLongItsInputIsKept(string path)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(
            $$"""{"id":"msg_1","type":"message","role":"assistant","model":"real-model","content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{{Counts}}}""");

        await CheckAsync(upstream, path, stream: false);
    }

    [Theory]
    [InlineData("/v1/messages")]
    [InlineData("/v1/chat/completions")]
    public async Task Answer_Streamed_IsPricedByHowLongItsInputIsKept(string path)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(async c =>
        {
            await c.StreamHeadAsync();
            await c.ChunkAsync("event: message_start\ndata: " + """{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"real-model","content":[],"stop_reason":null,"stop_sequence":null,"usage":""" + Counts + "}}" + "\n\n");
            await c.ChunkAsync("event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n");
            await c.ChunkAsync("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"hi\"}}\n\n");
            await c.ChunkAsync("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n");
            await c.ChunkAsync("event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":1}}\n\n");
            await c.ChunkAsync("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
            await c.EndAsync();
        });

        await CheckAsync(upstream, path, stream: true);
    }

    private static async Task CheckAsync(ScriptedUpstream upstream, string path, bool stream)
    {
        await using TestGateway gateway = await TestGateway.StartAsync(new CatalogDefinition
        {
            Providers = [new ProviderDefinition { Id = "p", Name = "claude", Kind = ProviderKind.Anthropic, BaseUrl = upstream.Url.ToString() }],
            Models = [new ModelDefinition { Id = "m", Name = "m", Backends = [new BackendDefinition { Id = "b", Provider = "claude", UpstreamModel = "real-model" }] }],
            Prices =
            [
                new ModelPrice
                {
                    Model = "real-model",
                    InputPerMillion = NanoUsd.FromDollars(10m),
                    CacheWritePerMillion = NanoUsd.FromDollars(12.5m),
                    OutputPerMillion = NanoUsd.FromDollars(50m),
                    Version = "v",
                },
            ],
        });

        using HttpResponseMessage response = await gateway.PostAsync(TestGateway.Body("\"max_tokens\":9" + (stream ? ",\"stream\":true" : "")), path);

        UsageRecord record = await gateway.NextRecordAsync();
        record.Usage.CacheWriteTokens.ShouldBe(100);
        // 10 plain at 10, 40 at 12.5, 60 at 20, one out at 50 dollars a million.
        record.Cost!.Value.ToDollars().ShouldBe(0.00185m);
    }
}
