using System.Text;
using System.Text.Json.Nodes;
using Gateway.Core.Catalog;
using Gateway.Core.Relay;
using Gateway.Core.Routing;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Relay;

public sealed class OutputLimitTests
{
    private const string Chat = """{"model":"m","messages":[{"role":"user","content":"x"}]""";
    private const string Completion = """{"model":"m","prompt":"x" """;
    private const string Messages = """{"model":"m","messages":[{"role":"user","content":"x"}]""";
    private const string Responses = """{"model":"m","input":"x" """;
    private const string Gemini = """{"contents":[{"parts":[{"text":"x"}]}]""";

    [Theory]
    // More than the limit, and what is no number at all.
    [InlineData(Operation.ChatCompletions, Chat, "\"max_tokens\":500", "\"max_tokens\":100")]
    [InlineData(Operation.ChatCompletions, Chat, "\"max_completion_tokens\" : 101", "\"max_completion_tokens\" : 100")]
    [InlineData(Operation.ChatCompletions, Chat, "\"max_tokens\":500,\"max_completion_tokens\":600", "\"max_tokens\":100,\"max_completion_tokens\":100")]
    [InlineData(Operation.ChatCompletions, Chat, "\"max_tokens\":null,\"max_completion_tokens\":600", "\"max_tokens\":null,\"max_completion_tokens\":100")]
    [InlineData(Operation.Completions, Completion, "\"max_tokens\":500", "\"max_tokens\":100")]
    [InlineData(Operation.Messages, Messages, "\"max_tokens\":9223372036854775807", "\"max_tokens\":100")]
    [InlineData(Operation.Responses, Responses, "\"max_output_tokens\":500", "\"max_output_tokens\":100")]
    [InlineData(Operation.GenerateContent, Gemini, "\"generationConfig\":{\"topK\":1,\"maxOutputTokens\":500}", "\"generationConfig\":{\"topK\":1,\"maxOutputTokens\":100}")]
    [InlineData(Operation.GenerateContent, Gemini, "\"generation_config\":{\"max_output_tokens\":500}", "\"generation_config\":{\"max_output_tokens\":100}")]
    [InlineData(Operation.GenerateContent, Gemini, "\"generationConfig\":{\"maxOutputTokens\":\"500\"}", "\"generationConfig\":{\"maxOutputTokens\":100}")]
    [InlineData(Operation.GenerateContent, Gemini, "\"generationConfig\":{\"maxOutputTokens\":1e5}", "\"generationConfig\":{\"maxOutputTokens\":100}")]
    [InlineData(Operation.GenerateContent, Gemini, "\"generationConfig\":{\"maxOutputTokens\":-1}", "\"generationConfig\":{\"maxOutputTokens\":100}")]
    [InlineData(Operation.GenerateContent, Gemini, "\"generationConfig\":{\"maxOutputTokens\":100.5}", "\"generationConfig\":{\"maxOutputTokens\":100}")]
    // Less: as the client has it.
    [InlineData(Operation.ChatCompletions, Chat, "\"max_tokens\": 7", "\"max_tokens\": 7")]
    [InlineData(Operation.ChatCompletions, Chat, "\"max_completion_tokens\":100", "\"max_completion_tokens\":100")]
    [InlineData(Operation.ChatCompletions, Chat, "\"max_tokens\":null,\"max_completion_tokens\":5", "\"max_tokens\":null,\"max_completion_tokens\":5")]
    [InlineData(Operation.Messages, Messages, "\"max_tokens\":99", "\"max_tokens\":99")]
    [InlineData(Operation.Responses, Responses, "\"max_output_tokens\":20", "\"max_output_tokens\":20")]
    [InlineData(Operation.GenerateContent, Gemini, "\"generationConfig\":{\"maxOutputTokens\":\"50\"}", "\"generationConfig\":{\"maxOutputTokens\":\"50\"}")]
    [InlineData(Operation.GenerateContent, Gemini, "\"generationConfig\":{\"maxOutputTokens\":1e1}", "\"generationConfig\":{\"maxOutputTokens\":1e1}")]
    // Null says nothing.
    [InlineData(Operation.ChatCompletions, Chat, "\"max_tokens\":null", "\"max_tokens\":100")]
    [InlineData(Operation.ChatCompletions, Chat, "\"max_completion_tokens\":null", "\"max_completion_tokens\":100")]
    [InlineData(Operation.ChatCompletions, Chat, "\"max_tokens\":null,\"max_completion_tokens\":null", "\"max_tokens\":100,\"max_completion_tokens\":null")]
    [InlineData(Operation.Responses, Responses, "\"max_output_tokens\":null", "\"max_output_tokens\":100")]
    [InlineData(Operation.GenerateContent, Gemini, "\"generationConfig\":{\"maxOutputTokens\":null}", "\"generationConfig\":{\"maxOutputTokens\":100}")]
    public void Splice_LimitOfTheClient_IsTheLessOfTheTwo(Operation operation, string body, string sent, string expected)
    {
        string spliced = Splice(operation, body + "," + sent + ",\"other\" : [ 1.50 ] }", ModelWith(100));

        spliced.ShouldBe((body + "," + expected + ",\"other\" : [ 1.50 ] }").Replace("\"m\"", "\"upstream\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Operation.ChatCompletions, ProviderKind.OpenAICompatible, Chat, "max_tokens")]
    [InlineData(Operation.ChatCompletions, ProviderKind.OpenAI, Chat, "max_completion_tokens")]
    [InlineData(Operation.ChatCompletions, ProviderKind.AzureOpenAI, Chat, "max_completion_tokens")]
    [InlineData(Operation.Completions, ProviderKind.OpenAICompatible, Completion, "max_tokens")]
    [InlineData(Operation.Messages, ProviderKind.Anthropic, Messages, "max_tokens")]
    [InlineData(Operation.Responses, ProviderKind.OpenAI, Responses, "max_output_tokens")]
    public void Splice_NoLimitOfTheClient_TheModelsIsAdded(Operation operation, ProviderKind kind, string body, string name)
    {
        JsonObject expected = JsonNode.Parse(body + "}")!.AsObject();
        expected["model"] = "upstream";
        expected[name] = 100;

        string spliced = Splice(operation, body + "}", ModelWith(100), kind);

        JsonNode.DeepEquals(JsonNode.Parse(spliced), expected).ShouldBeTrue(spliced);
    }

    [Theory]
    [InlineData("", "{\"maxOutputTokens\":100}")]
    [InlineData(",\"generationConfig\":null", "{\"maxOutputTokens\":100}")]
    [InlineData(",\"generationConfig\":{ }", "{\"maxOutputTokens\":100}")]
    [InlineData(",\"generationConfig\":{\"topK\":1}", "{\"maxOutputTokens\":100,\"topK\":1}")]
    public void Splice_GeminiWithoutALimit_GetsItInItsConfig(string more, string expected)
    {
        string spliced = Splice(Operation.GenerateContent, Gemini + more + "}", ModelWith(100));

        // Strict about names that stand twice, which a parser may pick either of.
        EnvelopeReader.Read(Operation.GenerateContent, Encoding.UTF8.GetBytes(spliced), out RequestEnvelope envelope, "m").ShouldBeNull();
        envelope.MaxOutputTokens.ShouldBe(100);
        JsonNode.DeepEquals(JsonNode.Parse(spliced)!["generationConfig"], JsonNode.Parse(expected)).ShouldBeTrue(spliced);
    }

    [Theory]
    [InlineData("{\"max_tokens\":40,\"temperature\":0.5}", 40)]
    [InlineData("{\"max_completion_tokens\":4000,\"temperature\":0.5}", 100)]
    public void Splice_DefaultAndLimit_TheLessOfTheTwoIsAddedOnce(string defaults, int expected)
    {
        JsonNode chat = JsonNode.Parse(Splice(Operation.ChatCompletions, Chat + "}", ModelWith(100, defaults)))!;
        JsonNode gemini = JsonNode.Parse(Splice(Operation.GenerateContent, Gemini + "}", ModelWith(100, defaults)))!;

        chat["max_tokens"]!.GetValue<int>().ShouldBe(expected);
        chat["max_completion_tokens"].ShouldBeNull();
        chat["temperature"]!.GetValue<double>().ShouldBe(0.5);
        gemini["generationConfig"]!["maxOutputTokens"]!.GetValue<int>().ShouldBe(expected);
        gemini["generationConfig"]!["temperature"]!.GetValue<double>().ShouldBe(0.5);
    }

    // OpenAI's own default is 16 tokens, which a limit is not there to raise; and Responses takes no less than 16.
    [Theory]
    [InlineData(Operation.Completions, ProviderKind.OpenAI, Completion, 100, "max_tokens", null)]
    [InlineData(Operation.Completions, ProviderKind.OpenAI, Completion, 9, "max_tokens", 9)]
    [InlineData(Operation.Responses, ProviderKind.OpenAI, Responses, 9, "max_output_tokens", 16)]
    public void Splice_WhatTheWireSaysAnyway_IsHeeded(Operation operation, ProviderKind kind, string body, int limit, string name, int? expected) =>
        ((int?)JsonNode.Parse(Splice(operation, body + "}", ModelWith(limit), kind))![name]).ShouldBe(expected);

    [Theory]
    [InlineData("{\"contents\":[{}],\"generationConfig\":{\"maxOutputTokens\":1},\"generation_config\":{\"maxOutputTokens\":9}}")]
    [InlineData("{\"contents\":[{}],\"generationConfig\":{\"maxOutputTokens\":1,\"max_output_tokens\":9}}")]
    public void Read_TwoNamesOfOneLimit_IsRefused(string body) =>
        EnvelopeReader.Read(Operation.GenerateContent, Encoding.UTF8.GetBytes(body), out _, "m").ShouldNotBeNull();

    [Fact]
    public void Splice_ModelWithoutALimit_LeavesEveryByteAlone()
    {
        string body = Chat + ",\"max_tokens\":123456}";

        Splice(Operation.ChatCompletions, body, ModelWith(null)).ShouldBe(body.Replace("\"m\"", "\"upstream\"", StringComparison.Ordinal));
    }

    private static string Splice(Operation operation, string body, Model model, ProviderKind kind = ProviderKind.OpenAICompatible)
    {
        EnvelopeReader.Read(operation, Encoding.UTF8.GetBytes(body), out RequestEnvelope envelope, operation.NamesModelInPath() ? "m" : null).ShouldBeNull();
        return Encoding.UTF8.GetString(RequestSplicer.Splice(envelope, Backend(kind), model, askForUsage: false).ToArray());
    }

    private static Model ModelWith(int? limit, string? defaults = null)
    {
        var definition = new CatalogDefinition { Models = [new ModelDefinition { Id = "m", Name = "m", MaxOutputTokens = limit, DefaultParamsJson = defaults }] };
        CatalogSnapshot.Build(definition, CatalogSnapshot.Empty, out CatalogSnapshot? snapshot).ShouldBeEmpty();
        return snapshot!.FindModel("m")!;
    }

    private static Backend Backend(ProviderKind kind) => new()
    {
        Id = "b",
        Provider = new Provider
        {
            Id = "p",
            Name = "p",
            Kind = kind,
            Credentials = [],
            Settings = new Dictionary<string, string>(),
            Timeouts = new TimeoutSettings(),
            State = new ProviderState(),
            ClientVersion = "",
        },
        UpstreamModel = "upstream",
        UpstreamModelJson = "\"upstream\""u8.ToArray(),
        State = new BackendState(),
    };
}
