using Gateway.Core.Accounting.Journaling;
using Gateway.Core.Catalog;
using Gateway.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Failover;

/// <summary>
/// The journal refuses a call whose stream the client is reading: the client must not learn that this was all, whichever wire it
/// speaks and whichever the upstream does.
/// </summary>
public sealed class UnrecordedStreamTests
{
    private static readonly Dictionary<ProviderKind, (string[] Begin, string[] End)> Streams = new()
    {
        [ProviderKind.OpenAICompatible] = ([$"data: {Answers.Delta("words")}\n\n"], [$"data: {Answers.Finish}\n\n", "data: [DONE]\n\n"]),
        [ProviderKind.Anthropic] = (
            [
                Event("message_start", """{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"real-model","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":1}}}"""),
                Event("content_block_start", """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"""),
                Event("content_block_delta", """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"words"}}"""),
            ],
            [
                Event("content_block_stop", """{"type":"content_block_stop","index":0}"""),
                Event("message_delta", """{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":2}}"""),
                Event("message_stop", """{"type":"message_stop"}"""),
            ]),
        [ProviderKind.OpenAI] = (
            [
                Event("response.created", """{"type":"response.created","sequence_number":0,"response":{"id":"resp_1","object":"response","created_at":1,"status":"in_progress","model":"real-model","output":[]}}"""),
                Event("response.output_item.added", """{"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"type":"message","id":"msg_1","status":"in_progress","role":"assistant","content":[]}}"""),
                Event("response.output_text.delta", """{"type":"response.output_text.delta","sequence_number":2,"item_id":"msg_1","output_index":0,"content_index":0,"delta":"words"}"""),
            ],
            [
                Event("response.completed", """{"type":"response.completed","sequence_number":3,"response":{"id":"resp_1","object":"response","created_at":1,"status":"completed","model":"real-model","output":[{"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[{"type":"output_text","text":"words","annotations":[]}]}],"usage":{"input_tokens":3,"output_tokens":2,"total_tokens":5}}}"""),
            ]),
        [ProviderKind.Gemini] = (
            ["""data: {"candidates":[{"content":{"parts":[{"text":"words"}],"role":"model"},"index":0}],"responseId":"r"}""" + "\r\n\r\n"],
            ["""data: {"candidates":[{"content":{"parts":[{"text":"."}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2,"totalTokenCount":5},"responseId":"r"}""" + "\r\n\r\n"]),
    };

    /// <summary>Each client's wire natively and behind another one, and what says on it that an answer is whole.</summary>
    public static TheoryData<string, string, ProviderKind> Ends => new()
    {
        { "/v1/chat/completions", "[DONE]", ProviderKind.OpenAICompatible },
        { "/v1/chat/completions", "[DONE]", ProviderKind.Anthropic },
        { "/v1/messages", "message_stop", ProviderKind.Anthropic },
        { "/v1/messages", "message_stop", ProviderKind.OpenAICompatible },
        { "/v1/responses", "response.completed", ProviderKind.OpenAI },
        { "/v1/responses", "response.completed", ProviderKind.Gemini },
        { "/v1beta/models/m:streamGenerateContent?alt=sse", "finishReason", ProviderKind.OpenAICompatible },
        { "/v1beta/models/m:streamGenerateContent", "finishReason", ProviderKind.Anthropic },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Stream_ThatCannotBeRecorded_NeverSaysThatItIsWhole(string path, string end, ProviderKind kind)
    {
        string text = await RunAsync(path, kind, recorded: false);

        text.ShouldContain("words");
        text.ShouldContain("The gateway cannot record calls at the moment.");
        text.ShouldNotContain(end);
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Stream_ThatIsRecorded_SaysSo(string path, string end, ProviderKind kind)
    {
        string text = await RunAsync(path, kind, recorded: true);

        text.ShouldContain("words");
        text.ShouldContain(end);
        text.ShouldNotContain("cannot record");
    }

    // Gemini's own stream has no sign of its end but the end itself, and its array's bracket.
    [Theory]
    [InlineData("?alt=sse")]
    [InlineData("")]
    public async Task GeminiStream_ThatCannotBeRecorded_EndsInAnError(string query)
    {
        string text = await RunAsync("/v1beta/models/m:streamGenerateContent" + query, ProviderKind.Gemini, recorded: false);

        int error = text.IndexOf("\"error\"", StringComparison.Ordinal);
        error.ShouldBeGreaterThan(text.IndexOf("words", StringComparison.Ordinal));
        text.IndexOf("\"candidates\"", error, StringComparison.Ordinal).ShouldBe(-1);
    }

    private static async Task<string> RunAsync(string path, ProviderKind kind, bool recorded)
    {
        var goOn = new TaskCompletionSource();
        (string[] begin, string[] end) = Streams[kind];
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(async c =>
        {
            await c.StreamHeadAsync();
            foreach (string part in begin)
            {
                await c.ChunkAsync(part);
            }
            await goOn.Task;
            foreach (string part in end)
            {
                await c.ChunkAsync(part);
            }
            await c.EndAsync();
        });
        CatalogDefinition catalog = TestGateway.ModelOver(upstream.Url);
        await using TestGateway gateway = await TestGateway.StartAsync(catalog with { Providers = [catalog.Providers[0] with { Kind = kind }] });
        string body = path.StartsWith("/v1beta", StringComparison.Ordinal) ? """{"contents":[{"role":"user","parts":[{"text":"hello"}]}]}"""
            : path.EndsWith("responses", StringComparison.Ordinal) ? """{"model":"m","stream":true,"store":false,"input":"hello"}"""
            : """{"model":"m","stream":true,"max_tokens":9,"messages":[{"role":"user","content":"hello"}]}""";

        using HttpResponseMessage response = await gateway.PostAsync(body, path, HttpCompletionOption.ResponseHeadersRead);
        // The head is here, so the answer is committed; from now on nothing can be recorded.
        if (!recorded)
        {
            await gateway.Services.GetRequiredService<Journal>().DisposeAsync();
        }
        goOn.SetResult();
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private static string Event(string name, string data) => $"event: {name}\ndata: {data}\n\n";
}
