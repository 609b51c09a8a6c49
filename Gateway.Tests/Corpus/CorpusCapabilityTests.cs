using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Corpus;

/// <summary>Every recorded answer of a capability arrives as recorded but for the model's name, and is booked as it reports.</summary>
public sealed partial class CorpusCapabilityTests(ITestOutputHelper output)
{
    private const string Alias = "m";
    private const string UpstreamModel = "real-model";

    public static TheoryData<string, string, ProviderKind> Wires => new()
    {
        { "openai.audio.transcriptions", "/v1/audio/transcriptions", ProviderKind.OpenAI },
        { "openai.audio.translations", "/v1/audio/translations", ProviderKind.OpenAI },
        { "openai.audio.speech", "/v1/audio/speech", ProviderKind.OpenAI },
        { "openai.images.generations", "/v1/images/generations", ProviderKind.OpenAI },
        { "openai.images.edits", "/v1/images/edits", ProviderKind.OpenAI },
        { "openai.moderations", "/v1/moderations", ProviderKind.OpenAI },
        { "rerank", "/v1/rerank", ProviderKind.OpenAICompatible },
        { "cohere.rerank", "/v2/rerank", ProviderKind.Cohere },
        { "cohere.embed", "/v2/embed", ProviderKind.Cohere },
        { "anthropic.count_tokens", "/v1/messages/count_tokens", ProviderKind.Anthropic },
        { "gemini.countTokens", "/v1beta/models/m:countTokens", ProviderKind.Gemini },
        { "gemini.embedContent", "/v1beta/models/m:batchEmbedContents", ProviderKind.Gemini },
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Relay_Answers_AreTheRecordedBytesButForTheModel(string wire, string path, ProviderKind kind)
    {
        IReadOnlyList<RecordedExchange> exchanges = [.. RecordedExchange.Read(wire).Concat(ResponsesOnly(wire)).Where(e => e.Status < 400)];
        int accounted = 0;
        foreach (int pieceBytes in (int[])[7, 4096])
        {
            await using var upstream = new ReplayUpstream { PieceBytes = pieceBytes };
            await using TestGateway gateway = await TestGateway.StartAsync(Over(upstream, kind));
            foreach (RecordedExchange exchange in exchanges)
            {
                upstream.Current = exchange;
                using HttpResponseMessage response = await gateway.Client.PostAsync(path, RequestOf(exchange), Cancel);

                byte[] body = await response.Content.ReadAsByteArrayAsync(Cancel);
                response.StatusCode.ShouldBe(HttpStatusCode.OK, $"{exchange.Id}: {Encoding.UTF8.GetString(body)}");
                body.ShouldBe(WithAlias(exchange.Response), exchange.Id);
                if (exchange.Headers.TryGetValue("content-type", out string? type))
                {
                    response.Content.Headers.ContentType!.MediaType.ShouldBe(MediaTypeHeaderValue.Parse(type).MediaType, exchange.Id);
                }
                accounted += CheckUsage(exchange, await gateway.NextRecordAsync());
            }
        }
        output.WriteLine($"{wire}: {exchanges.Count} answers, {accounted / 2} with reported usage");
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Relay_Errors_KeepTheirClassAndMeaning(string wire, string path, ProviderKind kind)
    {
        int count = 0;
        foreach (RecordedExchange exchange in RecordedExchange.Read(wire).Where(e => e.Status >= 400))
        {
            // Each its own: a refused credential is not tried again.
            await using var upstream = new ReplayUpstream { Current = exchange };
            await using TestGateway gateway = await TestGateway.StartAsync(Over(upstream, kind));

            using HttpResponseMessage response = await gateway.Client.PostAsync(path, RequestOf(exchange), Cancel);

            string text = await response.Content.ReadAsStringAsync(Cancel);
            ((int)response.StatusCode).ShouldBe(exchange.Status is 401 or 403 ? 502 : exchange.Status, $"{exchange.Id}: {text}");
            JsonNode told = JsonNode.Parse(text)!;
            string message = (told["error"]?["message"] ?? told["message"])!.GetValue<string>();
            if (exchange.Status is not (401 or 403))
            {
                JsonNode recorded = JsonNode.Parse(exchange.Response)!;
                message.ShouldBe((recorded["error"]?["message"] ?? recorded["message"])!.GetValue<string>(), exchange.Id);
            }
            (await gateway.NextRecordAsync()).ErrorKind.ShouldNotBeNull(exchange.Id);
            count++;
        }
        output.WriteLine($"{wire}: {count} errors");
    }

    [Fact]
    public async Task Relay_Forms_ReachTheUpstreamUnchangedButForTheModel()
    {
        int count = 0;
        await using var upstream = new ReplayUpstream();
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));
        foreach (RecordedExchange exchange in RecordedExchange.Read("openai.audio.transcriptions").Where(e => e.Status < 400 && e.RequestBytes is not null))
        {
            upstream.Current = exchange;
            using HttpResponseMessage response = await gateway.Client.PostAsync("/v1/audio/transcriptions", RequestOf(exchange), Cancel);

            response.StatusCode.ShouldBe(HttpStatusCode.OK, exchange.Id);
            upstream.SeenBytes.ShouldBe(Renamed(exchange.RequestBytes!, UpstreamModel), exchange.Id);
            await gateway.NextRecordAsync();
            count++;
        }
        output.WriteLine($"{count} forms");
    }

    // One of them is a test's own wrapping around an answer: status, headers and body as members of a document.
    private static IEnumerable<RecordedExchange> ResponsesOnly(string wire) =>
        RecordedExchange.Read("response-only").Where(e => e.Wire == wire && e.Id != "ai-9e929aa03646-0");

    private static CatalogDefinition Over(ReplayUpstream upstream, ProviderKind kind)
    {
        CatalogDefinition catalog = TestGateway.ModelOver(upstream.Url);
        return catalog with { Providers = [catalog.Providers[0] with { Kind = kind, BaseUrl = upstream.Url.GetLeftPart(UriPartial.Authority) + (kind == ProviderKind.Cohere ? "/v2" : "") }] };
    }

    private static HttpContent RequestOf(RecordedExchange exchange)
    {
        if (exchange.RequestContentType?.StartsWith("multipart/form-data", StringComparison.Ordinal) == true && exchange.RequestBytes is { Length: > 100 } form)
        {
            var content = new ByteArrayContent(Renamed(form, Alias));
            content.Headers.TryAddWithoutValidation("Content-Type", exchange.RequestContentType);
            return content;
        }
        if (exchange.Wire.StartsWith("openai.audio.t", StringComparison.Ordinal) || exchange.Wire == "openai.images.edits")
        {
            return Forms.Transcription(Forms.Noise(100), Alias, ("prompt", "a cat"));
        }
        JsonObject request = JsonNode.Parse(exchange.Request ?? """{"query":"q","documents":["a"],"texts":["a"],"prompt":"a","input":"a"}""")!.AsObject();
        if (!exchange.Wire.StartsWith("gemini", StringComparison.Ordinal))
        {
            request["model"] = Alias;
        }
        return new StringContent(request.ToJsonString(), Encoding.UTF8, "application/json");
    }

    private static byte[] Renamed(byte[] form, string name)
    {
        string text = Encoding.Latin1.GetString(form);
        ModelField().Count(text).ShouldBe(1);
        return Encoding.Latin1.GetBytes(ModelField().Replace(text, $"name=model\r\n\r\n{name}\r\n"));
    }

    [GeneratedRegex("name=model\r\n\r\n([^\r]+)\r\n")]
    private static partial Regex ModelField();

    private static byte[] WithAlias(byte[] answer)
    {
        if (answer is not [(byte)'{', ..])
        {
            return answer;
        }
        var reader = new Utf8JsonReader(answer);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && reader.ValueTextEquals("model"u8))
            {
                reader.Read();
                return [.. answer[..(int)reader.TokenStartIndex], .. "\"m\""u8, .. answer[(int)reader.BytesConsumed..]];
            }
        }
        return answer;
    }

    /// <summary>1 when the recording reports tokens or units, and the books say the same.</summary>
    private static int CheckUsage(RecordedExchange exchange, UsageRecord record)
    {
        (record.Status, record.ErrorKind).ShouldBe((200, null), exchange.Id);
        JsonElement last = exchange.Headers.GetValueOrDefault("content-type", "application/json").StartsWith("audio", StringComparison.Ordinal)
            ? default : exchange.Answers().LastOrDefault(a => a.ValueKind == JsonValueKind.Object);
        JsonElement usage = Member(Member(last, "usage"), null);
        long? input = Number(usage, "input_tokens") ?? Number(usage, "prompt_tokens") ?? Number(usage, "total_tokens")
            ?? Number(Member(Member(last, "meta"), "billed_units"), "input_tokens") ?? Number(Member(last, "usageMetadata"), "promptTokenCount");
        decimal? units = Decimal(usage, "seconds") ?? Decimal(usage, "prompt_audio_seconds") ?? Decimal(Member(Member(last, "meta"), "billed_units"), "search_units");
        if (exchange.Wire is "anthropic.count_tokens" or "gemini.countTokens")
        {
            record.Usage.ShouldBe(default, exchange.Id);
            return 0;
        }
        (record.Units?.Count).ShouldBe(units, exchange.Id);
        if (input is null)
        {
            record.Usage.Source.ShouldBe(exchange.Wire == "gemini.embedContent" ? UsageSource.Estimated : UsageSource.Unknown, exchange.Id);
            record.Cost.ShouldBeNull(exchange.Id);
            return units is null ? 0 : 1;
        }
        record.Usage.Source.ShouldBe(UsageSource.Reported, exchange.Id);
        record.Usage.InputTokens.ShouldBe(input.Value, exchange.Id);
        record.Usage.OutputTokens.ShouldBe(Number(usage, "output_tokens") ?? Number(usage, "completion_tokens") ?? 0, exchange.Id);
        return 1;
    }

    private static JsonElement Member(JsonElement element, string? name) =>
        name is null ? element : element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) ? value : default;

    private static long? Number(JsonElement element, string name) => Decimal(element, name) is { } value ? (long)value : null;

    private static decimal? Decimal(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.Number } value ? decimal.Parse(value.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture) : null;
}
