using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Xunit;
using static Gateway.Tests.Providers.Gemini.GeminiConversion;

namespace Gateway.Tests.Providers.Gemini;

/// <summary>Whatever arrives, only the exceptions that callers expect leave the codec.</summary>
public sealed class GeminiFuzzTests
{
    private static readonly string[] Names =
    [
        "contents", "role", "parts", "text", "thought", "thoughtSignature", "functionCall", "function_call", "args", "name", "id", "functionResponse", "response",
        "inlineData", "mimeType", "data", "fileData", "fileUri", "tools", "functionDeclarations", "parameters", "type", "properties", "items", "toolConfig",
        "functionCallingConfig", "mode", "allowedFunctionNames", "generationConfig", "thinkingConfig", "thinkingBudget", "responseSchema", "responseMimeType",
        "candidates", "content", "finishReason", "index", "usageMetadata", "promptTokenCount", "groundingMetadata", "groundingChunks", "groundingSupports",
        "segment", "startIndex", "endIndex", "groundingChunkIndices", "partialArgs", "jsonPath", "stringValue", "willContinue", "promptFeedback", "blockReason", "",
    ];

    private static readonly string[] Scalars =
        ["null", "true", "-1", "0", "1e300", "99999999999", "\"\"", "\"model\"", "\"user\"", "\"STOP\"", "\"Z3cu\"", "\"Z3cuYW50aHJvcGljLW1lc3NhZ2VzLg==\"", "\"$.a[3]\"", "\"application/json\"", "\"é\""];

    private static Gen<string> Value(int depth) => depth == 0
        ? Gen.Elements(Scalars)
        : Gen.Frequency(
            (2, Gen.Elements(Scalars)),
            (3, from members in Gen.ListOf(from name in Gen.Elements(Names) from value in Value(depth - 1) select (name, value), 4)
                select "{" + string.Join(',', members.DistinctBy(m => m.name).Select(m => $"\"{m.name}\":{m.value}")) + "}"),
            (2, from items in Gen.ListOf(Value(depth - 1), 3) select "[" + string.Join(',', items) + "]"));

    [Fact]
    public void Readers_AnyJson_ThrowNothingUnexpected() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(3000), Prop.ForAll(Value(6).ToArbitrary(), json =>
    {
        Tolerate(() => WriteRequest(ReadRequest(json)));
        Tolerate(() => WriteRequest(ReadRequest(json) with { Origin = Wire.OpenAIChat, Model = "gemini-1.5-pro" }));
        Tolerate(() => WriteResponse(ReadResponse(json)));
        Tolerate(() => Encode(Decode(Encoding.UTF8.GetBytes($"data: {json}\n\n")), null));
    }));

    [Fact]
    public void Decoder_FlippedBytes_ThrowNothingUnexpected()
    {
        byte[] stream = Encoding.UTF8.GetBytes("""
            [{"candidates":[{"content":{"parts":[{"text":"Hé\\n\"","thoughtSignature":"a"},{"functionCall":{"name":"f","willContinue":true,"partialArgs":[{"jsonPath":"$.a","numberValue":1}]}}]},"index":0}]},
            {"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"image/png","data":"AAAA"}}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1}}]
            """);
        Gen<(int, int, byte)> cases = from position in Gen.Choose(0, stream.Length - 1) from piece in Gen.Choose(1, 40) from value in Gen.Choose(0, 255) select (position, piece, (byte)value);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(3000), Prop.ForAll(cases.ToArbitrary(), c =>
        {
            byte[] flipped = [.. stream];
            flipped[c.Item1] = c.Item3;
            Tolerate(() => Encode(Decode(flipped, c.Item2), Wire.Gemini));
            Tolerate(() => Encode(Decode([.. Encoding.UTF8.GetBytes("data: "), .. flipped.Where(b => b is not ((byte)'\n' or (byte)'\r')), (byte)'\n', (byte)'\n'], c.Item2), null));
        }));
    }

    private static void Tolerate(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is GenerationFormatException or JsonException or InvalidOperationException && IsExpected(e))
        {
        }
    }

    // Text that is no Unicode is found out when it is first read as text; callers expect that too.
    private static bool IsExpected(Exception e) => e is not InvalidOperationException || e.InnerException is DecoderFallbackException || e.Message.Contains("UTF-16", StringComparison.Ordinal);
}
