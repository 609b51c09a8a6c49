using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Failover;

/// <summary>A stream of Responses that breaks off ends as OpenAI's own do: the error, and the answer that failed.</summary>
public class BrokenResponsesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stream_OfBytesBreaksOff_NumbersGoOnAndTheAnswerIsNamed()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Stream(
            """{"type":"response.created","sequence_number":0,"response":{"id":"resp_1","object":"response","created_at":1,"status":"in_progress","model":"real-model","output":[]}}""",
            """{"type":"response.output_text.delta","sequence_number":1,"item_id":"msg_1","output_index":0,"content_index":0,"delta":"half"}""");
        CatalogDefinition catalog = TestGateway.ModelOver(upstream.Url);
        catalog = catalog with { Providers = [catalog.Providers[0] with { Settings = new Dictionary<string, string> { ["wires"] = "responses" } }] };
        await using TestGateway gateway = await TestGateway.StartAsync(catalog);

        ShouldEndWithFailure(await StreamAsync(gateway), next: 2, id: "resp_1");
    }

    [Fact]
    public async Task Stream_OfAnotherWireBreaksOff_NumbersGoOnAndTheAnswerIsNamed()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Stream(Answers.Role, Answers.Delta("half"));
        CatalogDefinition catalog = TestGateway.ModelOver(upstream.Url);
        catalog = catalog with { Providers = [catalog.Providers[0] with { Settings = new Dictionary<string, string> { ["wires"] = "chat" } }] };
        await using TestGateway gateway = await TestGateway.StartAsync(catalog);

        IReadOnlyList<JsonElement> events = await StreamAsync(gateway);

        ShouldEndWithFailure(events, events.Count - 2, events[0].GetProperty("response").GetProperty("id").GetString()!);
    }

    private static async Task<IReadOnlyList<JsonElement>> StreamAsync(TestGateway gateway)
    {
        HttpResponseMessage response = await gateway.PostAsync("""{"model":"m","input":"hello","stream":true}""", "/v1/responses");
        string text = await response.Content.ReadAsStringAsync(Cancel);
        return [.. text.Split('\n').Where(l => l.StartsWith("data: ", StringComparison.Ordinal)).Select(l => JsonDocument.Parse(l[6..]).RootElement)];
    }

    private static void ShouldEndWithFailure(IReadOnlyList<JsonElement> events, int next, string id)
    {
        JsonElement error = events[^2];
        error.GetProperty("type").GetString().ShouldBe("error");
        error.GetProperty("sequence_number").GetInt32().ShouldBe(next);
        JsonElement failed = events[^1];
        failed.GetProperty("type").GetString().ShouldBe("response.failed");
        failed.GetProperty("sequence_number").GetInt32().ShouldBe(next + 1);
        JsonElement answer = failed.GetProperty("response");
        answer.GetProperty("id").GetString().ShouldBe(id);
        answer.GetProperty("status").GetString().ShouldBe("failed");
        answer.GetProperty("model").GetString().ShouldBe("m");
        answer.GetProperty("error").GetProperty("message").GetString().ShouldBe(error.GetProperty("message").GetString());
    }
}
