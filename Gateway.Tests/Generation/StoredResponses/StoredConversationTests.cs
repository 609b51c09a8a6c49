using System.Text;
using System.Text.Json;
using Gateway.Core.Generation.StoredResponses;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Generation.StoredResponses;

public class StoredConversationTests
{
    private static readonly StoredResponse Previous = new()
    {
        Id = "resp_1",
        KeyId = "k",
        Model = "m",
        CreatedAt = DateTimeOffset.UnixEpoch,
        Input = Bytes("""[{"role":"user","content":"one"}]"""),
        Response = Bytes("""{"id":"resp_1","output":[{"type":"message","id":"msg_1","unknown":1.50}],"usage":{}}"""),
    };

    [Theory]
    [InlineData("\"two\"", """{"type":"message","role":"user","content":"two"}""")]
    [InlineData("""[{"type":"function_call_output","call_id":"c","output":"ok"}]""", """{"type":"function_call_output","call_id":"c","output":"ok"}""")]
    public void Resume_StoredTurn_StandsBeforeTheNewOneUnchanged(string input, string last)
    {
        byte[] resumed = StoredConversation.Resume(
            Previous, Bytes($$"""{"model":"m","previous_response_id":"resp_1","input":{{input}},"store":true}"""), keepReference: false);

        Encoding.UTF8.GetString(resumed).ShouldBe(
            $$"""{"model":"m","store":true,"input":[{"role":"user","content":"one"},{"type":"message","id":"msg_1","unknown":1.50},{{last}}]}""");
    }

    [Fact]
    public void Resume_ForOurOwnReading_KeepsTheReference()
    {
        byte[] resumed = StoredConversation.Resume(Previous, Bytes("""{"previous_response_id":"resp_1"}"""), keepReference: true);

        JsonElement json = JsonDocument.Parse(resumed).RootElement;
        json.GetProperty("previous_response_id").GetString().ShouldBe("resp_1");
        json.GetProperty("input").GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public void InputOf_ResumedRequest_HoldsEveryTurnSoFar()
    {
        byte[] resumed = StoredConversation.Resume(Previous, Bytes("""{"input":"two"}"""), keepReference: false);

        JsonDocument.Parse(StoredConversation.InputOf(resumed)).RootElement.GetArrayLength().ShouldBe(3);
    }

    // Valid JSON that no .NET string can be made of: the answer was there and paid for, and became a 500.
    [Theory]
    [InlineData("\"half \\ud83d a pair\"")]
    [InlineData("""[{"role":"user","content":"half \ud83d a pair"}]""")]
    public void InputOf_HalfASurrogatePair_IsReplaced(string input)
    {
        byte[] stored = StoredConversation.InputOf(Bytes($$"""{"input":{{input}}}"""));

        JsonDocument.Parse(stored).RootElement[0].GetProperty("content").GetString().ShouldBe("half \ufffd a pair");
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
