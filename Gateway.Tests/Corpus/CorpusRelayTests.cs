using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Core.Accounting;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Corpus;

/// <summary>Every recorded answer, served to the gateway on a real socket in odd pieces, arrives with the same meaning and is accounted as recorded.</summary>
public sealed class CorpusRelayTests(ITestOutputHelper output)
{
    private const string Alias = "m";
    private const string UpstreamModel = "real-model";

    public static TheoryData<string, string> Wires => new()
    {
        { "openai.chat", "/v1/chat/completions" },
        { "openai.completions", "/v1/completions" },
        { "openai.embeddings", "/v1/embeddings" },
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Relay_WholeAnswers_AreTheRecordedBytesButForTheModel(string wire, string path)
    {
        IReadOnlyList<RecordedExchange> exchanges = [.. Read(wire).Where(e => e.Status < 400 && !e.Stream && !e.Tags.Contains("error"))];
        await using var upstream = new ReplayUpstream();
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));
        int accounted = 0;
        foreach (RecordedExchange exchange in exchanges)
        {
            upstream.Current = exchange;
            using HttpResponseMessage response = await gateway.PostAsync(RequestOf(exchange), path);

            byte[] body = await response.Content.ReadAsByteArrayAsync(Cancel);
            response.StatusCode.ShouldBe(HttpStatusCode.OK, $"{exchange.Id}: {Encoding.UTF8.GetString(body)}");
            body.ShouldBe(WithAlias(exchange.Response), exchange.Id);
            CheckRequest(exchange, upstream.Seen);
            accounted += CheckUsage(exchange, await gateway.NextRecordAsync());
        }
        output.WriteLine($"{wire}: {exchanges.Count} whole answers, {accounted} with reported usage");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    public async Task Relay_Streams_ArriveEventByEventHoweverTheyAreCut(int pieceBytes)
    {
        int streams = 0;
        int events = 0;
        int accounted = 0;
        await using var upstream = new ReplayUpstream { PieceBytes = pieceBytes };
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));
        foreach (object[] wire in new object[][] { ["openai.chat", "/v1/chat/completions"], ["openai.completions", "/v1/completions"] })
        {
            foreach (RecordedExchange exchange in Read((string)wire[0]).Where(e => e.Status < 400 && e.Stream && !e.Tags.Contains("error")))
            {
                upstream.Current = exchange;
                using HttpResponseMessage response = await gateway.PostAsync(RequestOf(exchange), (string)wire[1]);

                string text = await response.Content.ReadAsStringAsync(Cancel);
                response.StatusCode.ShouldBe(HttpStatusCode.OK, $"{exchange.Id}: {text}");
                CheckRequest(exchange, upstream.Seen);
                List<string> expected = ExpectedEvents(exchange);
                List<string> arrived = [.. EventsOf(text)];
                arrived.Count.ShouldBe(expected.Count, exchange.Id);
                for (int i = 0; i < expected.Count; i++)
                {
                    Same(arrived[i], expected[i]).ShouldBeTrue($"{exchange.Id}, event {i}: {arrived[i]}\nexpected {expected[i]}");
                }
                accounted += CheckUsage(exchange, await gateway.NextRecordAsync());
                streams++;
                events += expected.Count;
            }
        }
        output.WriteLine($"{streams} streams in pieces of {pieceBytes}: {events} events, {accounted} streams with reported usage");
    }

    [Fact]
    public async Task Relay_ErrorWithinA200_IsToldAndIsNoCleanEnd()
    {
        int count = 0;
        foreach (RecordedExchange exchange in Read("openai.chat").Where(e => e.Status < 400 && e.Tags.Contains("error")))
        {
            await using var upstream = new ReplayUpstream { Current = exchange };
            await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

            using HttpResponseMessage response = await gateway.PostAsync(RequestOf(exchange));

            string text = await response.Content.ReadAsStringAsync(Cancel);
            text.ShouldContain("\"error\"", customMessage: exchange.Id);
            text.ShouldNotContain("[DONE]", customMessage: exchange.Id);
            (await gateway.NextRecordAsync()).ErrorKind.ShouldNotBeNull();
            count++;
        }
        output.WriteLine($"{count} answers with status 200 and an error in them");
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Relay_Errors_KeepTheirClassAndRetryHintsInTheEnvelope(string wire, string path)
    {
        IReadOnlyList<RecordedExchange> exchanges = [.. Read(wire).Where(e => e.Status >= 400)];
        int hints = 0;
        foreach (RecordedExchange exchange in exchanges)
        {
            // Each its own: a refused credential is not tried again.
            await using var upstream = new ReplayUpstream { Current = exchange };
            await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

            using HttpResponseMessage response = await gateway.PostAsync(RequestOf(exchange), path);

            string text = await response.Content.ReadAsStringAsync(Cancel);
            int expected = exchange.Status is 401 or 403 ? 502 : exchange.Status;
            ((int)response.StatusCode / 100).ShouldBe(expected / 100, $"{exchange.Id}: {text}");
            JsonNode error = JsonNode.Parse(text)!["error"].ShouldNotBeNull(exchange.Id);
            error["message"]!.GetValue<string>().ShouldNotBeNullOrWhiteSpace(exchange.Id);
            error["type"]!.GetValue<string>().ShouldNotBeNullOrWhiteSpace(exchange.Id);
            if (exchange.Headers.ContainsKey("retry-after"))
            {
                response.Headers.RetryAfter.ShouldNotBeNull(exchange.Id);
                hints++;
            }
            (await gateway.NextRecordAsync()).Usage.Source.ShouldBe(UsageSource.None, exchange.Id);
        }
        output.WriteLine($"{wire}: {exchanges.Count} errors, {hints} with a retry hint");
    }

    /// <summary>The recordings, and answers made after failures that were reported in public, which recordings hardly ever hold.</summary>
    private static IEnumerable<RecordedExchange> Read(string wire) =>
        RecordedExchange.Read(wire).Concat(RecordedExchange.Read("errors-observed").Where(e => e.Wire == wire));

    private static string RequestOf(RecordedExchange exchange)
    {
        JsonObject request = JsonNode.Parse(exchange.Request!)!.AsObject();
        request["model"] = Alias;
        return request.ToJsonString();
    }

    /// <summary>What reached the upstream is what was recorded, under the upstream's name for the model.</summary>
    private static void CheckRequest(RecordedExchange exchange, string? seen)
    {
        JsonObject expected = JsonNode.Parse(exchange.Request!)!.AsObject();
        expected["model"] = UpstreamModel;
        if (exchange.Stream)
        {
            JsonObject options = expected["stream_options"] as JsonObject ?? [];
            options["include_usage"] = true;
            expected["stream_options"] = options.DeepClone();
        }
        JsonNode.DeepEquals(JsonNode.Parse(seen.ShouldNotBeNull(exchange.Id)), expected).ShouldBeTrue($"{exchange.Id}: {seen}");
    }

    /// <summary>1 when the recording reports usage, and the books say the same.</summary>
    private static int CheckUsage(RecordedExchange exchange, UsageRecord record)
    {
        record.Status.ShouldBe(200, exchange.Id);
        record.ErrorKind.ShouldBeNull(exchange.Id);
        JsonElement usage = default;
        foreach (JsonElement answer in exchange.Answers().Where(a => a.ValueKind == JsonValueKind.Object))
        {
            // Groq has a place of its own for it.
            foreach (JsonElement place in answer.TryGetProperty("x_groq", out JsonElement groq) ? [groq, answer] : new[] { answer })
            {
                if (place.TryGetProperty("usage", out JsonElement reported) && reported.ValueKind == JsonValueKind.Object)
                {
                    usage = reported;
                }
            }
        }
        if (usage.ValueKind == JsonValueKind.Undefined)
        {
            record.Usage.Source.ShouldBe(UsageSource.Estimated, exchange.Id);
            return 0;
        }
        record.Usage.Source.ShouldBe(UsageSource.Reported, exchange.Id);
        record.Usage.InputTokens.ShouldBe(Number(usage, "prompt_tokens") ?? Number(usage, "total_tokens") ?? 0, exchange.Id);
        record.Usage.OutputTokens.ShouldBe(Number(usage, "completion_tokens") ?? 0, exchange.Id);
        record.Usage.CachedInputTokens.ShouldBe(
            Number(usage, "prompt_tokens_details", "cached_tokens") ?? Number(usage, "prompt_cache_hit_tokens") ?? 0, exchange.Id);
        record.Usage.ReasoningTokens.ShouldBe(
            Math.Min(Number(usage, "completion_tokens_details", "reasoning_tokens") ?? 0, record.Usage.OutputTokens), exchange.Id);
        return 1;
    }

    private static long? Number(JsonElement element, params string[] path)
    {
        foreach (string name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
            {
                return null;
            }
        }
        return element.ValueKind == JsonValueKind.Number ? element.GetInt64() : null;
    }

    /// <summary>The bytes with the top-level model exchanged and nothing else.</summary>
    private static byte[] WithAlias(byte[] answer)
    {
        var reader = new Utf8JsonReader(answer);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && reader.ValueTextEquals("model"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                {
                    return [.. answer[..(int)reader.TokenStartIndex], .. "\"m\""u8, .. answer[(int)reader.BytesConsumed..]];
                }
            }
        }
        return answer;
    }

    private static List<string> ExpectedEvents(RecordedExchange exchange)
    {
        JsonObject request = JsonNode.Parse(exchange.Request!)!.AsObject();
        bool usageWanted = request["stream_options"]?["include_usage"]?.GetValue<bool>() ?? false;
        var expected = new List<string>();
        foreach (string data in EventsOf(Encoding.UTF8.GetString(exchange.Response)))
        {
            if (!data.StartsWith('{'))
            {
                expected.Add(data);
                continue;
            }
            JsonObject chunk = JsonNode.Parse(data)!.AsObject();
            if (!usageWanted && chunk["usage"] is JsonObject && chunk["choices"] is JsonArray { Count: 0 })
            {
                continue;
            }
            if (chunk["model"] is JsonValue)
            {
                chunk["model"] = Alias;
            }
            if (!usageWanted && chunk.ContainsKey("usage") && chunk["usage"] is null)
            {
                chunk.Remove("usage");
            }
            expected.Add(chunk.ToJsonString());
        }
        return expected;
    }

    /// <summary>The data of each event; comments and other fields are left out.</summary>
    private static IEnumerable<string> EventsOf(string stream) =>
        stream.ReplaceLineEndings("\n").Split('\n').Where(l => l.StartsWith("data:", StringComparison.Ordinal)).Select(l => l[5..].Trim());

    private static bool Same(string arrived, string expected) =>
        arrived == expected
        || (arrived.StartsWith('{') && expected.StartsWith('{') && JsonNode.DeepEquals(JsonNode.Parse(arrived), JsonNode.Parse(expected)));
}
