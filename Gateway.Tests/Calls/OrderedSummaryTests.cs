using System.Net;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Calls;

/// <summary>Chat completions with <c>x-gateway-events: summary</c>, over real sockets.</summary>
public sealed class OrderedSummaryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_ComeInTheirOrder_WithTagsAndThreeCallsInTheBooks()
    {
        await using ScriptedUpstream upstream = Upstream(["<analy", "sis>First this, then that.</analysis><fi", "nal>The ", "answer."]);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        (HttpResponseMessage response, IReadOnlyList<(string Name, JsonElement Data)> events) = await AskAsync(gateway, "\"omni_metadata\":{\"team\":\"x\"}");

        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        events.Select(e => e.Name).ShouldBe(["summary.prompt", "summary.reasoning", "output.delta", "output.delta", "output.done"]);
        events.Select(e => e.Data.GetProperty("text").GetString()).ShouldBe(["About: hello", "About: First this, then that.", "The ", "answer.", "The answer."]);
        string id = response.Headers.GetValues("x-request-id").Single();
        events.ShouldAllBe(e => e.Data.GetProperty("request_id").GetString() == id);

        List<UsageRecord> records = [await gateway.NextRecordAsync(), await gateway.NextRecordAsync(), await gateway.NextRecordAsync()];
        records.Select(r => JsonDocument.Parse(r.Metadata!).RootElement).ShouldAllBe(m => m.GetProperty("team").GetString() == "x" && m.GetProperty("summary_request_id").GetString() == id);
        records.ShouldAllBe(r => r.RequestId == id);
        records.Select(r => r.TraceId).Distinct().Count().ShouldBe(1, "one answer is one trace");
        records.Select(r => JsonDocument.Parse(r.Metadata!).RootElement.GetProperty("summary_stage").GetString()).Order().ShouldBe(["output", "summary.prompt", "summary.reasoning"]);
        upstream.Seen.ShouldAllBe(s => !s.Body.Contains("omni_metadata") && !s.Body.Contains("summary_model"));
    }

    [Fact]
    public async Task Limits_AreSaidAsByAnyOtherAnswer()
    {
        await using ScriptedUpstream upstream = Upstream(["Answer."]);
        CatalogDefinition catalog = TestGateway.ModelOver(upstream.Url) with { Keys = [TestGateway.KeyOf(TestGateway.Key) with { RpmLimit = 3 }] };
        await using TestGateway gateway = await TestGateway.StartAsync(catalog);

        (HttpResponseMessage answer, _) = await AskAsync(gateway);
        HttpResponseMessage last = await gateway.ChatAsync("\"stream\":true");
        HttpResponseMessage refused = await PostAsync(gateway, TestGateway.Body());

        answer.Headers.GetValues("x-ratelimit-limit-requests").ShouldBe(["3"]);
        answer.Headers.GetValues("x-ratelimit-remaining-requests").Single().ShouldBeOneOf("1", "2");
        last.StatusCode.ShouldBe(HttpStatusCode.OK);
        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        refused.Headers.GetValues("x-ratelimit-remaining-requests").ShouldBe(["0"]);
        refused.Headers.RetryAfter.ShouldNotBeNull();
    }

    [Fact]
    public async Task Thoughts_SentApart_AreSummarised_AndUntaggedTextIsTheAnswer()
    {
        await using ScriptedUpstream upstream = Upstream(["Plain answer."], reasoning: "I weigh both sides.");
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        (_, IReadOnlyList<(string Name, JsonElement Data)> events) = await AskAsync(gateway);

        events.Select(e => (e.Name, e.Data.GetProperty("text").GetString())).ShouldBe(
            [("summary.prompt", "About: hello"), ("summary.reasoning", "About: I weigh both sides."), ("output.delta", "Plain answer."), ("output.done", "Plain answer.")]);
    }

    [Fact]
    public async Task Summary_ThatFails_IsReplacedByTheFirstSentencesAndCostsNothingElse()
    {
        await using ScriptedUpstream upstream = Upstream(["<analysis>Thoughts.</analysis><final>Answer</final>"], summaryStatus: 400);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        (_, IReadOnlyList<(string Name, JsonElement Data)> events) = await AskAsync(gateway);

        events.Select(e => e.Name).ShouldBe(["summary.prompt", "error", "summary.reasoning", "error", "output.delta", "output.done"]);
        events[0].Data.GetProperty("text").GetString().ShouldBe("hello");
        events[2].Data.GetProperty("text").GetString().ShouldBe("Thoughts.");
        events[^1].Data.GetProperty("text").GetString().ShouldBe("Answer");
    }

    [Fact]
    public async Task Answer_ThatBreaksOff_EndsInAnErrorWithWhatWasSaid()
    {
        await using ScriptedUpstream upstream = Upstream(["Half an "], breaks: true);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        (_, IReadOnlyList<(string Name, JsonElement Data)> events) = await AskAsync(gateway);

        events.Select(e => e.Name).ShouldBe(["summary.prompt", "summary.reasoning", "output.delta", "error"]);
        events[^1].Data.GetProperty("partial").GetString().ShouldBe("Half an ");
    }

    [Fact]
    public async Task SummaryModel_OfTheRequest_Summarises()
    {
        await using ScriptedUpstream upstream = Upstream(["Answer."]);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        // There is no such model: the summary alone fails, and says so.
        (_, IReadOnlyList<(string Name, JsonElement Data)> events) = await AskAsync(gateway, "\"summary_model\":\"small\"");

        events.Select(e => e.Name).ShouldBe(["summary.prompt", "error", "summary.reasoning", "output.delta", "output.done"]);
        events[1].Data.GetProperty("text").GetString()!.ShouldContain("small");
    }

    [Theory]
    [InlineData("""{"model":"m","messages":[],"stream":true}""", 400, "messages")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"x"}],"stream":false}""", 400, "stream")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"x"}],"summary_model":5}""", 400, "summary_model")]
    [InlineData("""{"model":"nobody","messages":[{"role":"user","content":"x"}]}""", 404, "nobody")]
    [InlineData("""{"model":""", 400, "JSON")]
    public async Task Request_ThatIsWrong_IsAnsweredByItsStatus(string body, int status, string says)
    {
        await using ScriptedUpstream upstream = Upstream(["Answer."], summaryDelay: TimeSpan.FromSeconds(2));
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        HttpResponseMessage response = await PostAsync(gateway, body);

        ((int)response.StatusCode).ShouldBe(status);
        JsonElement error = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel)).RootElement.GetProperty("error");
        error.GetRawText().ShouldContain(says);
    }

    [Fact]
    public async Task UnknownKey_IsRefusedLikeAnyOther_AndOrdinaryClientsSeeNoDifference()
    {
        await using ScriptedUpstream upstream = Upstream(["Answer."]);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        HttpResponseMessage plain = await gateway.ChatAsync("\"stream\":true,\"summary_model\":\"small\"");
        Answers.TextOf(await plain.Content.ReadAsStringAsync(Cancel)).ShouldBe("Answer.");
        upstream.Seen.Last().Body.ShouldNotContain("analysis");

        gateway.Client.DefaultRequestHeaders.Remove("Authorization");
        (await PostAsync(gateway, TestGateway.Body())).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    private static Task<HttpResponseMessage> PostAsync(TestGateway gateway, string body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Add("x-gateway-events", "summary");
        return gateway.Client.SendAsync(request, Cancel);
    }

    private static async Task<(HttpResponseMessage Response, IReadOnlyList<(string Name, JsonElement Data)> Events)> AskAsync(TestGateway gateway, string more = "")
    {
        HttpResponseMessage response = await PostAsync(gateway, TestGateway.Body(more));
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        string stream = await response.Content.ReadAsStringAsync(Cancel);
        return (response, [.. stream.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(e => e.Split('\n')).Select(l => (l[0]["event: ".Length..], JsonDocument.Parse(l[1]["data: ".Length..]).RootElement))]);
    }

    /// <summary>Streams these pieces as the answer, and summarises by naming what it was given.</summary>
    private static ScriptedUpstream Upstream(string[] pieces, string? reasoning = null, int summaryStatus = 200, bool breaks = false, TimeSpan summaryDelay = default) => ScriptedUpstream.Start(async c =>
    {
        JsonElement body = JsonDocument.Parse(c.Last!.Body).RootElement;
        JsonElement messages = body.GetProperty("messages");
        if (messages[0].GetProperty("content").GetString()!.StartsWith("Summarise", StringComparison.Ordinal))
        {
            await Task.Delay(summaryDelay, c.Stop);
            string answer = JsonSerializer.Serialize($"About: {messages[1].GetProperty("content").GetString()}");
            await c.JsonAsync(summaryStatus == 200 ? Answers.Chat.Replace("\"hi there\"", answer, StringComparison.Ordinal) : Answers.Error("no", "invalid_request_error"), summaryStatus);
            return;
        }
        await c.StreamHeadAsync();
        await c.ChunkAsync($"data: {Answers.Role}\n\n");
        if (reasoning is not null)
        {
            await c.ChunkAsync($"data: {Answers.Delta(reasoning).Replace("\"content\":", "\"reasoning_content\":", StringComparison.Ordinal)}\n\n");
        }
        foreach (string piece in pieces)
        {
            await c.ChunkAsync($"data: {Answers.Delta(piece)}\n\n");
        }
        if (breaks)
        {
            c.Reset();
            return;
        }
        foreach (string line in (string[])[Answers.Finish, Answers.Usage, Answers.Done])
        {
            await c.ChunkAsync($"data: {line}\n\n");
        }
        await c.EndAsync();
    });
}
