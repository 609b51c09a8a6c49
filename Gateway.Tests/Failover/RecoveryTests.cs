using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Failover;

/// <summary>A stream that breaks in the middle is gone on with elsewhere where that can be asked for, and else ends honestly.</summary>
public class RecoveryTests
{
    private const string Streamed = "\"stream\":true,\"stream_options\":{\"include_usage\":true},\"max_tokens\":500";

    [Theory]
    [InlineData("mistral", "\"prefix\":true")]
    [InlineData("vllm", "\"continue_final_message\":true")]
    [InlineData("openrouter", "\"content\":\"The quick brown\"")]
    public async Task Stream_Breaks_NextBackendGoesOnFromWhatWasSent(string profile, string mark)
    {
        await using ScriptedUpstream breaks = Breaking("The quick", " brown");
        await using ScriptedUpstream goesOn = ScriptedUpstream.Stream(Answers.Role, Answers.Delta(" fox"), Answers.Delta(" jumps."), Answers.Finish, Answers.Usage, Answers.Done);
        await using TestGateway gateway = await TestGateway.StartAsync(Recovering(profile, breaks.Url, goesOn.Url));

        string text = await TextAsync(await gateway.ChatAsync(Streamed));

        Answers.TextOf(text).ShouldBe("The quick brown fox jumps.");
        IReadOnlyList<string> data = Answers.DataOf(text);
        data[^1].ShouldBe("[DONE]");
        data.Where(d => d.Contains("\"role\"", StringComparison.Ordinal)).ShouldHaveSingleItem();
        data.Where(d => d.StartsWith('{')).Select(d => JsonDocument.Parse(d).RootElement.GetProperty("id").GetString()).Distinct().ShouldHaveSingleItem();
        string sent = goesOn.Seen.Single().Body;
        sent.ShouldContain(mark);
        JsonElement last = JsonDocument.Parse(sent).RootElement.GetProperty("messages").EnumerateArray().Last();
        (last.GetProperty("role").GetString(), last.GetProperty("content").GetString()).ShouldBe(("assistant", "The quick brown"));
        UsageRecord record = await gateway.NextRecordAsync();
        (record.Status, record.ErrorKind, record.Provider).ShouldBe((200, null, "provider-1"));
        record.Attempts.Select(a => a.ErrorKind).ShouldBe(["upstream_stream_broken", null]);
    }

    [Fact]
    public async Task Stream_GoneOnWith_CountsAndCostsBothParts()
    {
        await using ScriptedUpstream breaks = Breaking("The quick brown fox jumps over the lazy dog", " and on");
        await using ScriptedUpstream goesOn = ScriptedUpstream.Stream(Answers.Role, Answers.Delta(" it goes."), Answers.Finish, UsageOf(100, 6), Answers.Done);
        NanoUsd dollar = NanoUsd.FromDollars(1);
        CatalogDefinition catalog = Recovering("vllm", breaks.Url, goesOn.Url) with
        {
            Prices = [new ModelPrice { Model = "real-model", EffectiveFrom = DateTimeOffset.UnixEpoch, InputPerMillion = dollar, OutputPerMillion = dollar, Version = "test" }],
        };
        await using TestGateway gateway = await TestGateway.StartAsync(catalog);

        string text = await TextAsync(await gateway.ChatAsync(Streamed));

        UsageRecord record = await gateway.NextRecordAsync();
        record.Usage.ShouldBe(new Usage(UsageSource.Reported, 100, 0, 0, 6, 0));
        NanoUsd sunk = record.Attempts[0].SunkCost.ShouldNotBeNull();
        sunk.Value.ShouldBeGreaterThan(10_000);
        record.Cost.ShouldBe(new NanoUsd(106_000 + sunk.Value));
        // The client sees one answer: what the second was given of it as input was output.
        JsonElement usage = Answers.DataOf(text).Where(d => d.Contains("\"prompt_tokens\"", StringComparison.Ordinal)).Select(d => JsonDocument.Parse(d).RootElement.GetProperty("usage")).Single();
        usage.GetProperty("total_tokens").GetInt64().ShouldBe(106);
        usage.GetProperty("completion_tokens").GetInt64().ShouldBeInRange(14, 25);
    }

    [Fact]
    public async Task Stream_SecondRepeatsTheBeginning_ClientGetsItOnce()
    {
        await using ScriptedUpstream breaks = Breaking("The quick", " brown ");
        await using ScriptedUpstream goesOn = ScriptedUpstream.Stream(
            Answers.Role, Answers.Delta("The qu"), Answers.Delta("ick brown fox"), Answers.Finish, Answers.Usage, Answers.Done);
        await using TestGateway gateway = await TestGateway.StartAsync(Recovering("mistral", breaks.Url, goesOn.Url));

        Answers.TextOf(await TextAsync(await gateway.ChatAsync(Streamed))).ShouldBe("The quick brown fox");
    }

    [Fact]
    public async Task Stream_BreaksTwice_ThirdGoesOn()
    {
        await using ScriptedUpstream one = Breaking("One,", " two,");
        await using ScriptedUpstream two = Breaking(" three,", " four,");
        await using ScriptedUpstream three = ScriptedUpstream.Stream(Answers.Role, Answers.Delta(" five."), Answers.Finish, UsageOf(105, 6), Answers.Done);
        await using TestGateway gateway = await TestGateway.StartAsync(Recovering("vllm", one.Url, two.Url, three.Url));

        string text = await TextAsync(await gateway.ChatAsync(Streamed));

        Answers.TextOf(text).ShouldBe("One, two, three, four, five.");
        string sent = three.Seen.Single().Body;
        sent.ShouldContain("One, two, three, four,");
        // What may still be generated is less by both parts, and the client's counts hold both.
        JsonDocument.Parse(sent).RootElement.GetProperty("max_tokens").GetInt32().ShouldBeInRange(486, 494);
        JsonElement usage = Answers.DataOf(text).Where(d => d.Contains("\"prompt_tokens\"", StringComparison.Ordinal)).Select(d => JsonDocument.Parse(d).RootElement.GetProperty("usage")).Single();
        usage.GetProperty("total_tokens").GetInt64().ShouldBe(111);
        usage.GetProperty("completion_tokens").GetInt64().ShouldBeInRange(12, 20);
    }

    [Theory]
    // Nobody there can be asked to go on.
    [InlineData("none", true, "The quick")]
    // The route does not want it.
    [InlineData("vllm", false, "The quick")]
    // Half a tool call cannot be gone on with.
    [InlineData("vllm", true, null)]
    public async Task Stream_CannotBeGoneOnWith_EndsWithAnError(string profile, bool recover, string? words)
    {
        const string Call = """{"id":"c1","object":"chat.completion.chunk","created":1,"model":"real-model","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"a"}}]},"finish_reason":null}]}""";
        await using ScriptedUpstream breaks = words is null ? BreakingAfter(Answers.Role, Call) : Breaking(words, " brown");
        await using ScriptedUpstream other = ScriptedUpstream.Stream(Answers.Role, Answers.Delta(" fox"), Answers.Finish, Answers.Done);
        CatalogDefinition catalog = Recovering(profile, breaks.Url, other.Url);
        await using TestGateway gateway = await TestGateway.StartAsync(catalog with { Routes = [catalog.Routes[0] with { RecoverStreams = recover }] });

        string text = await TextAsync(await gateway.ChatAsync(Streamed));

        text.ShouldContain("\"error\"");
        text.ShouldNotContain("[DONE]");
        text.ShouldNotContain("\"finish_reason\":\"");
        other.Seen.ShouldBeEmpty();
        (await gateway.NextRecordAsync()).ErrorKind.ShouldBe("upstream_stream_broken");
    }

    [Fact]
    public async Task Stream_SecondRefuses_ErrorIsThatOfTheBreakAndCostsAreOfTheFirst()
    {
        await using ScriptedUpstream breaks = Breaking("The quick", " brown");
        await using ScriptedUpstream refuses = ScriptedUpstream.Json(Answers.Error("This model does not support assistant message prefill.", "invalid_request_error"), 400);
        await using TestGateway gateway = await TestGateway.StartAsync(Recovering("vllm", breaks.Url, refuses.Url));

        string text = await TextAsync(await gateway.ChatAsync(Streamed));

        text.ShouldContain("\"error\"");
        text.ShouldNotContain("prefill");
        UsageRecord record = await gateway.NextRecordAsync();
        (record.ErrorKind, record.Provider).ShouldBe(("upstream_stream_broken", "provider-0"));
        record.Usage.Source.ShouldBe(UsageSource.Estimated);
        record.Usage.OutputTokens.ShouldBeInRange(2, 6);
        record.Attempts.Select(a => a.ErrorKind).ShouldBe(["upstream_stream_broken", "upstream_refused"]);
        record.Attempts.ShouldAllBe(a => a.SunkCost == null);
    }

    private static ScriptedUpstream Breaking(string first, string second) => BreakingAfter(Answers.Role, Answers.Delta(first), Answers.Delta(second));

    private static ScriptedUpstream BreakingAfter(params string[] data) => ScriptedUpstream.Start(async c =>
    {
        await c.StreamHeadAsync();
        foreach (string line in data)
        {
            await c.ChunkAsync($"data: {line}\n\n");
        }
        c.Break();
    });

    private static CatalogDefinition Recovering(string profile, params Uri[] upstreams)
    {
        CatalogDefinition catalog = TestGateway.ModelOver(upstreams);
        return catalog with
        {
            Providers = [.. catalog.Providers.Select(p => p with { Settings = new Dictionary<string, string> { ["profile"] = profile } })],
            Models = [catalog.Models[0] with { DefaultRoute = "recovering" }],
            Routes = [new RouteDefinition { Id = "r", Name = "recovering", Steps = [new RouteStepDefinition { Model = "m" }], RecoverStreams = true }],
        };
    }

    private static string UsageOf(int input, int output) => JsonSerializer.Serialize(new
    {
        id = "c1",
        @object = "chat.completion.chunk",
        created = 1,
        model = "real-model",
        choices = Array.Empty<int>(),
        usage = new { prompt_tokens = input, completion_tokens = output, total_tokens = input + output },
    });

    private static async Task<string> TextAsync(HttpResponseMessage response) => await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
}
