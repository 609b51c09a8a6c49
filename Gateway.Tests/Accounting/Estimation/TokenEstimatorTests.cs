using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Accounting.Estimation;

public sealed class TokenEstimatorTests
{
    private const string Prose =
        "The quick brown fox jumps over the lazy dog, and then it sits down by the river to think about what it has done so far today.";

    // o200k counts of these texts, by their tokenizer.
    [Theory]
    [InlineData(Prose, 27)]
    [InlineData("Hello, world!", 4)]
    [InlineData("今天早上我们讨论了研究结果,并决定下个月继续进行新项目的工作。", 20)]
    [InlineData("Сегодня утром мы обсудили результаты исследования и решили продолжить работу над новым проектом в следующем месяце.", 23)]
    [InlineData("public static int Add(int left, int right)\n{\n    return left + right;\n}\n", 19)]
    [InlineData("3.14159 26535 89793", 9)]
    public void Tokens_OfKnownText_IsNear(string text, int tokens)
    {
        var measure = default(OutputMeasure);
        measure.Add(JsonContent(text));

        measure.Tokens.ShouldBeInRange((long)Math.Min(tokens * 0.75, tokens - 3), (long)Math.Max(tokens * 1.25, tokens + 3));
    }

    [Fact]
    public void OutputMeasure_TextInPieces_IsMeasuredAsTheWhole() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<NonNull<string>>().Filter(s => !s.Get.Any(char.IsSurrogate)),
            ArbMap.Default.ArbFor<PositiveInt>(),
            (text, size) =>
            {
                // Cut between characters, as deltas are, each encoded by itself.
                var whole = default(OutputMeasure);
                whole.Add(JsonContent(text.Get));
                var pieces = default(OutputMeasure);
                foreach (char[] piece in text.Get.Chunk(size.Get))
                {
                    pieces.Add(JsonContent(new string(piece)));
                }
                return pieces.Tokens == whole.Tokens;
            }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("\\")]
    [InlineData("\\u")]
    [InlineData("\\u12")]
    [InlineData("\\uZZZZ")]
    [InlineData("\\ud83d\\ude00")]
    [InlineData("\\ude00")]
    public void OutputMeasure_OddEscapes_AreTaken(string content)
    {
        var measure = default(OutputMeasure);
        measure.Add(Encoding.UTF8.GetBytes(content));
        measure.Tokens.ShouldBeGreaterThanOrEqualTo(0);
    }

    [Fact]
    public void OutputMeasure_EscapedAndPlainCharacters_AreTheSame()
    {
        var plain = default(OutputMeasure);
        plain.Add("é今 word"u8);
        var escaped = default(OutputMeasure);
        escaped.Add("\\u00e9\\u4eca word"u8);

        escaped.Tokens.ShouldBe(plain.Tokens);
    }

    [Fact]
    public void EstimateInput_AnyJson_NeverThrowsAndIsPositive() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
            TokenEstimator.EstimateInput(Operation.ChatCompletions, [.. "{\"messages\":["u8, .. bytes]).Tokens >= 1
            && TokenEstimator.MeasureOutput(Operation.ChatCompletions, [.. "{\"choices\":["u8, .. bytes]).Tokens >= 0).QuickCheckThrowOnFailure();

    [Fact]
    public void EstimateInput_ShortChat_IsNearWhatOpenAIReports()
    {
        // gpt-4o-mini reports 13 for this one.
        long tokens = Chat("""{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Say this is a test!"}]}""").Tokens;

        tokens.ShouldBeInRange(10, 16);
    }

    [Fact]
    public void EstimateInput_SpacingAndOrder_ChangeNothing()
    {
        long compact = Chat("""{"messages":[{"role":"user","content":"Say this is a test!"}],"model":"m"}""").Tokens;
        long spaced = Chat("""{ "model" : "m" , "messages" : [ { "content" : "Say this is a test!" , "role" : "user" } ] }""").Tokens;

        spaced.ShouldBe(compact);
    }

    [Fact]
    public void EstimateInput_Picture_CountsAsOneWhateverItsBytes()
    {
        string Body(int bytes) =>
            """{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,""" + new string('A', bytes) + "\"}}]}]}";

        Chat(Body(100)).Tokens.ShouldBe(Chat(Body(1_000_000)).Tokens);
        Chat(Body(100)).Tokens.ShouldBeInRange(200, 400);
    }

    [Fact]
    public void EstimateInput_Tools_CountAndAreTold()
    {
        InputEstimate without = Chat("""{"messages":[{"role":"user","content":"hi"}]}""");
        InputEstimate with = Chat(
            """{"messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function","function":{"name":"f","description":"Gets the weather of a city","parameters":{}}}]}""");

        without.HasTools.ShouldBeFalse();
        with.HasTools.ShouldBeTrue();
        with.Tokens.ShouldBeGreaterThan(without.Tokens + 20);
        Chat("""{"messages":[{"role":"user","content":"hi"}],"tools":[]}""").HasTools.ShouldBeFalse();
    }

    [Theory]
    [InlineData("""{"input":"Say this is a test!"}""", 6)]
    [InlineData("""{"input":["Say this is a test!","Say this is a test!"]}""", 12)]
    [InlineData("""{"input":[1,2,3,40000,5],"dimensions":256}""", 5)]
    [InlineData("""{"input":[[1,2],[3]],"model":"m"}""", 3)]
    public void EstimateInput_Embeddings_CountsTextsAndTokenNumbers(string body, long expected) =>
        TokenEstimator.EstimateInput(Operation.Embeddings, Encoding.UTF8.GetBytes(body)).Tokens.ShouldBeInRange(expected - 1, expected + 1);

    [Fact]
    public void MeasureOutput_ToolCall_CountsNameAndArguments()
    {
        OutputMeasure measured = TokenEstimator.MeasureOutput(Operation.ChatCompletions, Encoding.UTF8.GetBytes(
            """{"choices":[{"message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_abcdefghijklmnop","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"Paris\"}"}}]}}]}"""));

        // OpenAI reports 14 to 15.
        measured.Tokens.ShouldBeInRange(11, 20);
        measured.HasToolCalls.ShouldBeTrue();
    }

    [Fact]
    public void EstimateInput_Allocates_Nothing()
    {
        byte[] body = Encoding.UTF8.GetBytes("""{"messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function"}]}""");
        TokenEstimator.EstimateInput(Operation.ChatCompletions, body);
        // The best of several: the runtime may compile the method anew in the middle of one, on this thread.
        Enumerable.Range(0, 10).Min(_ =>
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            TokenEstimator.EstimateInput(Operation.ChatCompletions, body);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }).ShouldBe(0);
    }

    private static InputEstimate Chat(string body) => TokenEstimator.EstimateInput(Operation.ChatCompletions, Encoding.UTF8.GetBytes(body));

    private static byte[] JsonContent(string text) => JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes.ToArray();
}
