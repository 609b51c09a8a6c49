using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Web.Components.Pages.Requests;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Components;

public sealed class RequestCurlTests
{
    [Theory]
    [InlineData(Operation.ChatCompletions, "/v1/chat/completions", "Authorization: Bearer YOUR_KEY", "model,messages")]
    [InlineData(Operation.Embeddings, "/v1/embeddings", "Authorization: Bearer YOUR_KEY", "model,input")]
    [InlineData(Operation.Responses, "/v1/responses", "Authorization: Bearer YOUR_KEY", "model,input")]
    [InlineData(Operation.Messages, "/v1/messages", "x-api-key: YOUR_KEY", "model,max_tokens,messages")]
    [InlineData(Operation.GenerateContent, "/v1beta/models/m:generateContent", "x-goog-api-key: YOUR_KEY", "contents")]
    [InlineData(Operation.ImageGenerations, "/v1/images/generations", "Authorization: Bearer YOUR_KEY", "model,prompt")]
    [InlineData(Operation.Speech, "/v1/audio/speech", "Authorization: Bearer YOUR_KEY", "model,input,voice")]
    [InlineData(Operation.ChatCompletions, "/openai/deployments/m/chat/completions", "api-key: YOUR_KEY", "model,messages")]
    public void Curl_OfAnOperation_IsARequestOfItsWire(Operation operation, string path, string key, string members)
    {
        string curl = RequestCurl.Of(Call(operation, path), "http://gw:8080");

        curl.ShouldStartWith($"curl -i 'http://gw:8080{path}");
        curl.ShouldContain($"-H \"{key}\"");
        using JsonDocument body = JsonDocument.Parse(Json(curl));
        string.Join(',', body.RootElement.EnumerateObject().Select(m => m.Name)).ShouldBe(members);
    }

    [Fact]
    public void Curl_OfAForm_SendsAFileAndNoJson()
    {
        string curl = RequestCurl.Of(Call(Operation.Transcriptions, "/v1/audio/transcriptions"), "http://gw");

        curl.ShouldContain("-F 'file=@sound.mp3'");
        curl.ShouldNotContain("application/json");
    }

    [Fact]
    public void Curl_OfAStream_AsksForOneTheWiresWay()
    {
        UsageRecord chat = Call(Operation.ChatCompletions, "/v1/chat/completions");
        chat.Streamed = true;
        UsageRecord gemini = Call(Operation.GenerateContent, "/v1beta/models/m:streamGenerateContent");
        gemini.Streamed = true;

        Json(RequestCurl.Of(chat, "")).ShouldContain("\"stream\": true");
        RequestCurl.Of(gemini, "").ShouldContain(":streamGenerateContent?alt=sse'");
        Json(RequestCurl.Of(gemini, "")).ShouldNotContain("stream");
    }

    [Fact]
    public void Curl_OfAModelWithQuotes_StaysOneCommand()
    {
        UsageRecord call = Call(Operation.ChatCompletions, "/v1/chat/completions");
        call.RequestedModel = "it's \"mine\"";

        using JsonDocument body = JsonDocument.Parse(Json(RequestCurl.Of(call, "")));

        body.RootElement.GetProperty("model").GetString().ShouldBe("it's \"mine\"");
    }

    private static UsageRecord Call(Operation operation, string path) => new() { Operation = operation, Path = path, RequestedModel = "m" };

    private static string Json(string curl) => curl[curl.IndexOf("JSON'", StringComparison.Ordinal)..].Replace("JSON'", "").Replace("\nJSON", "");
}
