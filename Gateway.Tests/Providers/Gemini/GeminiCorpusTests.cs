using System.Text;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Streaming;
using Gateway.Providers.Gemini;
using Gateway.Tests.Corpus;
using Shouldly;
using Xunit;
using static Gateway.Tests.Providers.Gemini.GeminiConversion;

namespace Gateway.Tests.Providers.Gemini;

/// <summary>Every recorded exchange with the Gemini API and Vertex AI goes through the canonical form and comes back.</summary>
public sealed class GeminiCorpusTests(ITestOutputHelper output)
{
    private static IEnumerable<RecordedExchange> Exchanges() =>
        RecordedExchange.Read("gemini.generateContent").Concat(RecordedExchange.Read("response-only").Where(e => e.Wire == "gemini.generateContent"));

    [Fact]
    public void Requests_ReadAndWritten_SayTheSame()
    {
        int count = 0;
        foreach (RecordedExchange exchange in Exchanges().Where(e => e.Request is not null))
        {
            GenerationRequest request = ReadRequest(exchange.Request!, exchange.Model!);
            Recorded(WriteRequest(request)).ShouldBe(Recorded(Json(exchange.Request!)), exchange.Id);

            // And once more from the parts alone, as for a client of another wire.
            GenerationRequest bare = request with { Messages = [.. request.Messages.Select(m => m with { Raw = null })] };
            Turns(ReadRequest(WriteRequest(bare).GetRawText(), exchange.Model!)).ShouldBe(Turns(request), exchange.Id);
            count++;
        }
        output.WriteLine($"{count} requests");
    }

    [Fact]
    public void WholeAnswers_ReadAndWritten_SayTheSame()
    {
        int count = 0;
        foreach (RecordedExchange exchange in Exchanges().Where(e => e.Status == 200 && !e.Stream))
        {
            JsonElement recorded = Json(Encoding.UTF8.GetString(exchange.Response));
            GenerationResponse response = ReadResponse(recorded.GetRawText());
            Answer(WriteResponse(response)).ShouldBe(Answer(recorded), exchange.Id);

            GenerationResponse bare = response with { Candidates = [.. response.Candidates.Select(c => c with { Raw = null })] };
            Say(ReadResponse(WriteResponse(bare).GetRawText())).ShouldBe(Say(response), exchange.Id);
            CheckUsage(recorded, response);
            count++;
        }
        output.WriteLine($"{count} answers");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    public void Streams_ReadInPiecesAndWritten_SayTheSame(int pieceBytes)
    {
        int count = 0;
        foreach (RecordedExchange exchange in Exchanges().Where(e => e.Status == 200 && e.Stream))
        {
            List<StreamEvent> events = Decode(exchange.Response, pieceBytes);
            GenerationResponse response = Collect(events);
            List<JsonElement> chunks = [.. Chunks(exchange.Response)];
            Expected(chunks).ShouldBe(Facts(response), exchange.Id);
            CheckUsage(chunks.FindLast(c => GeminiUsage.Read(c) != default), response);
            events[^1].Kind.ShouldBe(StreamEventKind.End, exchange.Id);

            foreach (bool array in new[] { false, true })
            {
                byte[] written = Encode(events, Wire.Gemini, array);
                Say(Collect(Decode(written, pieceBytes))).ShouldBe(Say(response), exchange.Id);
                Chunks(written).ShouldNotBeEmpty();
            }
            count++;
        }
        output.WriteLine($"{count} streams");
    }

    private static void CheckUsage(JsonElement answer, GenerationResponse response)
    {
        if (answer.ValueKind == JsonValueKind.Object && answer.Has("usageMetadata", out JsonElement usage) && usage.Whole("totalTokenCount") is { } total)
        {
            response.Usage.TotalTokens.ShouldBe(total);
            response.Usage.CachedInputTokens.ShouldBe(usage.Whole("cachedContentTokenCount") ?? 0);
        }
    }

    /// <summary>The chunks of a stream, split in a way of the test's own.</summary>
    private static IEnumerable<JsonElement> Chunks(byte[] stream)
    {
        string text = Encoding.UTF8.GetString(stream).Trim();
        return text.StartsWith('[') ? Json(text).EnumerateArray() : text.ReplaceLineEndings("\n").Split('\n').Where(l => l.StartsWith("data:", StringComparison.Ordinal)).Select(l => Json(l[5..]));
    }

    private static string Expected(List<JsonElement> chunks)
    {
        List<JsonElement> parts = [.. chunks.SelectMany(c => c.Items("candidates")).SelectMany(c => c.Has("content", out JsonElement content) ? content.Items("parts") : [])];
        string Texts(bool thought) => string.Concat(parts.Where(p => (p.Flag("thought") ?? false) == thought).Select(p => p.Text("text")));
        List<string> calls = [.. parts.Select(p => p.Has("functionCall", out JsonElement call) ? call.Text("name") : null).OfType<string>()];
        string finish = chunks.SelectMany(c => c.Items("candidates")).Select(c => c.Text("finishReason")).Last(r => r is not null)!;
        return $"{Texts(false)}|{Texts(true)}|{string.Join(',', calls)}|{finish}";
    }

    private static string Facts(GenerationResponse response)
    {
        Candidate candidate = response.Candidates[0];
        candidate.Finish.ShouldBe(
            candidate.RawFinish == "STOP" ? candidate.Parts.Any(p => p is Core.Generation.Parts.ToolCallPart) ? FinishReason.ToolCalls : FinishReason.Stop : candidate.Finish);
        string thoughts = string.Concat(candidate.Parts.OfType<Core.Generation.Parts.ReasoningPart>().Select(r => r.Text));
        return $"{response.ContentText}|{thoughts}|{string.Join(',', candidate.Parts.OfType<Core.Generation.Parts.ToolCallPart>().Select(c => c.Name))}|{candidate.RawFinish}";
    }

    private static string Turns(GenerationRequest request)
    {
        var text = new StringBuilder();
        foreach (Message message in request.Messages)
        {
            text.Append(message.Role).Append('\n');
            Say(message.Parts, text);
        }
        return text.ToString();
    }

    /// <summary>A request in one spelling: names in camel case, one list of functions, defaults left out, schemas as JSON schema.</summary>
    private static string Recorded(JsonElement request) => Normal(GeminiJson.Create(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("contents");
        // By part: two neighbouring contents of one role are one turn.
        foreach ((string? role, JsonElement part) in request.GetItems("contents").SelectMany(c => c.GetItems("parts").Select(p => (c.GetText("role"), p))))
        {
            GeminiJson.Wrapped(role ?? "user", part).WriteTo(writer);
        }
        writer.WriteEndArray();
        if (request.Get("systemInstruction", out JsonElement instruction))
        {
            writer.WriteString("systemInstruction", string.Join('\n', instruction.GetItems("parts").Select(p => p.GetText("text"))));
        }
        writer.WriteStartArray("tools");
        List<JsonElement> tools = [.. request.GetItems("tools")];
        tools.SelectMany(t => t.GetItems("functionDeclarations")).ToList().ForEach(f => f.WriteTo(writer));
        foreach ((string name, JsonElement value) in tools.SelectMany(t => t.Others(new HashSet<string> { "functionDeclarations" })))
        {
            GeminiJson.Wrapped(name, value).WriteTo(writer);
        }
        writer.WriteEndArray();
        foreach (string name in (string[])["generationConfig", "toolConfig"])
        {
            if (request.Get(name, out JsonElement config) && Config(config) is { } written && written.EnumerateObject().Any())
            {
                writer.WritePropertyName(name);
                written.WriteTo(writer);
            }
        }
        foreach ((string name, JsonElement value) in request.Others(new HashSet<string> { "contents", "systemInstruction", "tools", "generationConfig", "toolConfig" }))
        {
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }
        writer.WriteEndObject();
    }));

    private static JsonElement Config(JsonElement config) => GeminiJson.Create(writer =>
    {
        writer.WriteStartObject();
        foreach ((string name, JsonElement value) in config.Others(new HashSet<string>()))
        {
            switch (name)
            {
                case "responseModalities" when Normal(value) == "[\"TEXT\"]":
                    break;
                case "responseSchema":
                    writer.WritePropertyName("responseJsonSchema");
                    GeminiSchema.ToJsonSchema(value).WriteTo(writer);
                    break;
                case "thinkingConfig":
                    writer.WritePropertyName(name);
                    Config(value).WriteTo(writer);
                    break;
                case "thinkingLevel":
                    writer.WriteString(name, value.GetString()!.ToLowerInvariant());
                    break;
                default:
                    writer.WritePropertyName(name);
                    value.WriteTo(writer);
                    break;
            }
        }
        writer.WriteEndObject();
    });

    /// <summary>An answer without what is the gateway's own to say.</summary>
    private static string Answer(JsonElement answer) => Normal(GeminiJson.Create(writer =>
    {
        writer.WriteStartObject();
        foreach (JsonProperty property in answer.EnumerateObject().Where(p => p.Name is not ("modelVersion" or "createTime" or "candidates" or "responseId")))
        {
            property.WriteTo(writer);
        }
        writer.WriteStartArray("candidates");
        foreach (JsonElement candidate in answer.Items("candidates"))
        {
            writer.WriteStartObject();
            foreach (JsonProperty property in candidate.EnumerateObject().Where(p => p.Name is not ("index" or "logprobsResult") && Filled(p)))
            {
                property.WriteTo(writer);
            }
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }));

    // A candidate may have no content at all, or one that is empty.
    private static bool Filled(JsonProperty property) => property.Name != "content" || property.Value.Items("parts").Any();
}
