using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Core.Generation;
using Gateway.Core.Replay;
using Gateway.Tests.Corpus;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Replay;

public sealed class SanitizerTests(ITestOutputHelper output)
{
    private const string Secret = "very-secret-value";

    private static JsonElement Json(string json) => JsonFields.Parse(Encoding.UTF8.GetBytes(json));

    [Theory]
    [InlineData("/responses?ak=secret", "/responses?ak=<redacted:ak>")]
    [InlineData("/v1beta/models/m:generateContent?alt=sse&key=abc", "/v1beta/models/m:generateContent?alt=sse&key=<redacted:key>")]
    [InlineData("/x?X-Amz-Signature=1&X-Amz-Date=2", "/x?X-Amz-Signature=<redacted:x-amz-signature>&X-Amz-Date=2")]
    [InlineData("https://user:pass@host/a@b?access_token=t&max_tokens=5", "https://<redacted:user>@host/a@b?access_token=<redacted:access_token>&max_tokens=5")]
    [InlineData("/files?cursor", "/files?cursor")]
    public void SanitizeAddress_TokensInTheQuery_AreNamedAndGone(string address, string expected) => Sanitizer.SanitizeAddress(address).ShouldBe(expected);

    // An address in the middle of what is said, such as a picture's, is one like any other.
    [Theory]
    [InlineData("Look at https://h.example/p.png?sig=abc&w=5 please", "Look at https://h.example/p.png?sig=<redacted:sig>&w=5 please")]
    [InlineData("ftp://user:pass@h.example/x", "ftp://<redacted:user>@h.example/x")]
    [InlineData("Is https://h.example/?key=<redacted:key> right?", "Is https://h.example/?key=<redacted:key> right?")]
    [InlineData("a://b and no address", "a://b and no address")]
    public void Sanitize_AddressWithinAText_LosesItsSecrets(string text, string expected) =>
        Sanitizer.Default.Sanitize(JsonSerializer.SerializeToElement(text)).GetString().ShouldBe(expected);

    [Theory]
    [InlineData("Authorization")]
    [InlineData("x-api-key")]
    [InlineData("X-Goog-Api-Key")]
    [InlineData("api-key")]
    [InlineData("Ocp-Apim-Subscription-Key")]
    [InlineData("x-amz-security-token")]
    [InlineData("Set-Cookie")]
    public void Sanitize_HeadersThatAuthenticate_AreGone(string name) => HeadersOf(name, Secret).ShouldBe($"<redacted:{name.ToLowerInvariant()}>");

    [Theory]
    [InlineData("x-ratelimit-remaining-tokens")]
    [InlineData("x-request-id")]
    [InlineData("idempotency-key")]
    [InlineData("content-type")]
    public void Sanitize_OtherHeaders_Stay(string name) => HeadersOf(name, "7").ShouldBe("7");

    [Fact]
    public void Sanitize_Json_LosesItsSecretsAndKeepsItsShape() => Sanitizer.Default.Sanitize(Json("""
        {"api_key":"a","apiKey":"b","client_secret":{"x":1},"tools":[{"type":"mcp","authorization":"c","headers":{"X-Token":"d"}}],"max_tokens":5,"token":7,
         "usage":{"total_tokens":3},"logprobs":[{"token":"Hi","logprob":-1}],"text":"my key is sk-proj-0123456789abcdef0123, ok?","n":1.50}
        """)).GetRawText().ShouldBe(
        """{"api_key":"<redacted:api_key>","apiKey":"<redacted:apikey>","client_secret":"<redacted:client_secret>","tools":[{"type":"mcp","authorization":"<redacted:authorization>","headers":{"X-Token":"<redacted:x-token>"}}],"max_tokens":5,"token":7"""
        + ""","usage":{"total_tokens":3},"logprobs":[{"token":"Hi","logprob":-1}],"text":"my key is <redacted:key>, ok?","n":1.50}""");

    [Fact]
    public void SanitizeBody_JsonInManyLines_IsReadAsOne() =>
        Sanitizer.Default.SanitizeBody("{\n  \"api_key\":\n    \"very-secret-value\",\n  \"n\": 1\n}"u8).ShouldBe("""{"api_key":"<redacted:api_key>","n":1}""");

    [Fact]
    public void SanitizeBody_CutAnywhere_IsJsonWithoutItsSecrets()
    {
        byte[] whole = Encoding.UTF8.GetBytes("""
            {"a":[1,-2.5e3,true,null,{"token":"very-secret-value","x":"é\"\\\u00e9\uD83D\uDE00😀"}], "client_secret" : {"b":"very-secret-value"}, "last":[[],{},""], "n":12}
            """.Trim());
        for (int length = 1; length <= whole.Length; length++)
        {
            string text = Sanitizer.Default.SanitizeBody(whole.AsSpan(0, length), isCut: true);

            JsonFields.TryParse(text).ValueKind.ShouldBe(JsonValueKind.Object, $"{length}: {text}");
            text.ShouldNotContain("very");
        }
    }

    [Fact]
    public void SanitizeBody_CutStream_LeavesTheLastEventOut() =>
        Sanitizer.Default.SanitizeBody("data: {\"a\":1}\n\ndata: {\"token\":\"very-sec"u8, isCut: true).ShouldBe("data: {\"a\":1}\n\n");

    [Fact]
    public void Sanitize_LargeBase64_IsCutOut()
    {
        string large = new('A', 2000);
        Sanitizer.Default.Sanitize(Json($$"""{"a":"{{large}}","b":"data:image/png;base64,{{large}}","c":"AAAA","d":"{{large}} and words"}""")).GetRawText().ShouldBe(
            $$"""{"a":"<redacted:base64 of 2000 characters>","b":"data:image/png;base64,<redacted:base64 of 2000 characters>","c":"AAAA","d":"{{large}} and words"}""");
    }

    [Fact]
    public void SanitizeText_Streams_KeepTheirLines() => Sanitizer.Default.SanitizeText(
        ": comment\r\ndata: {\"token\":\"x\"}\r\n\r\ndata: [DONE]\n\nBearer 0123456789abcdef0123\n{\"password\":\"p\"}").ShouldBe(
        ": comment\r\ndata: {\"token\":\"<redacted:token>\"}\r\n\r\ndata: [DONE]\n\nBearer <redacted:key>\n{\"password\":\"<redacted:password>\"}");

    [Fact]
    public void Fixture_WrittenAndRead_IsTheSameAndHoldsNoSecret()
    {
        ReplayFixture fixture = Sanitizer.Default.Record(
            "a chat",
            new TransportRequest("POST", "/v1/chat/completions?key=" + Secret, [KeyValuePair.Create("Authorization", "Bearer " + Secret)], TransportBody.OfJson(Json($$"""{"api_key":"{{Secret}}","input":"hello"}"""))),
            new TransportResponse(200, [KeyValuePair.Create("Content-Type", "audio/wav")], TransportBody.OfBytes(new byte[] { 1, 2, 3 })));

        string json = ReplayFixtureJson.Write(fixture);

        json.ShouldNotContain(Secret);
        json.ShouldContain("hello");
        ReplayFixture read = ReplayFixtureJson.Read(json);
        ReplayFixtureJson.Write(read).ShouldBe(json);
        read.Response.Body.Bytes!.Value.ToArray().ShouldBe([1, 2, 3]);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"request":{"method":"GET"},"response":{"status":200}}""")]
    [InlineData("""{"request":{"method":"GET","path":"/"},"response":{}}""")]
    [InlineData("""{"request":{"method":"GET","path":"/","body":{"base64":"?"}},"response":{"status":200}}""")]
    public void Read_NotAFixture_SaysWhatIsMissing(string json) => Should.Throw<JsonException>(() => ReplayFixtureJson.Read(json)).Message.ShouldContain("fixture");

    [Fact]
    public void Read_FixtureWithASecretPutInByHand_TakesItOut() => ReplayFixtureJson.Write(ReplayFixtureJson.Read(
        """{"name":"x","request":{"method":"POST","path":"/?token=abc","headers":[["x-api-key","abc"]],"body":{"json":{"secret":"abc"}}},"response":{"status":200,"body":{"text":"sk-0123456789abcdef0123"}}}"""))
        .ShouldSatisfyAllConditions(j => j.ShouldNotContain("abc\""), j => j.ShouldNotContain("sk-0"));

    [Fact]
    public void Sanitize_SecretsAnywhere_NeverComeOut()
    {
        Gen<string> names = Gen.Elements("api_key", "apiKey", "token", "secret", "Authorization", "x-api-key", "refreshToken", "client_secret", "password");
        Gen<string> holders = Gen.Elements("{0}", "[1,{0}]", """{{"a":{0}}}""", """{{"deep":[{{"b":{0}}}]}}""");
        Check.QuickThrowOnFailure(Prop.ForAll((from name in names from holder in holders from outer in holders select (name, holder, outer)).ToArbitrary(), c =>
        {
            string inner = $$"""{"{{c.name}}":"{{Secret}}"}""";
            string json = string.Format(null, c.outer, string.Format(null, c.holder, inner));
            Sanitizer.Default.Sanitize(Json(json)).GetRawText().ShouldNotContain(Secret);
            Sanitizer.Default.SanitizeText("data: " + json).ShouldNotContain(Secret);
        }));
    }

    [Fact]
    public void Sanitize_EveryRecordedAnswer_StaysReadable()
    {
        int count = 0;
        foreach (RecordedExchange exchange in RecordedExchange.Read("openai.chat").Where(e => e.Stream && e.Status == 200))
        {
            string text = Encoding.UTF8.GetString(exchange.Response);
            string sanitized = Sanitizer.Default.SanitizeText(text);
            sanitized.Split('\n').Length.ShouldBe(text.Split('\n').Length, exchange.Id);
            sanitized.Contains("[DONE]", StringComparison.Ordinal).ShouldBe(text.Contains("[DONE]", StringComparison.Ordinal), exchange.Id);
            count++;
        }
        output.WriteLine($"{count} streams");
    }

    private static string HeadersOf(string name, string value) => Sanitizer.Default.Sanitize(
        new TransportResponse(200, [KeyValuePair.Create(name, value)], TransportBody.Empty)).Headers.ShouldHaveSingleItem().Value;
}
