using Gateway.Core.Catalog;
using Gateway.Core.Failover;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Providers;

/// <summary>Which operation is called upstream for what a client asks.</summary>
public class ServeTests
{
    [Theory]
    [InlineData(ProviderKind.OpenAI, Operation.ChatCompletions, Operation.ChatCompletions)]
    [InlineData(ProviderKind.OpenAI, Operation.Responses, Operation.Responses)]
    [InlineData(ProviderKind.OpenAI, Operation.Messages, Operation.ChatCompletions)]
    [InlineData(ProviderKind.OpenAI, Operation.GenerateContent, Operation.ChatCompletions)]
    [InlineData(ProviderKind.AzureOpenAI, Operation.Responses, Operation.Responses)]
    [InlineData(ProviderKind.AzureOpenAI, Operation.Messages, Operation.ChatCompletions)]
    [InlineData(ProviderKind.OpenAICompatible, Operation.ChatCompletions, Operation.ChatCompletions)]
    [InlineData(ProviderKind.OpenAICompatible, Operation.Responses, Operation.ChatCompletions)]
    [InlineData(ProviderKind.OpenAICompatible, Operation.Messages, Operation.ChatCompletions)]
    [InlineData(ProviderKind.Anthropic, Operation.ChatCompletions, Operation.Messages)]
    [InlineData(ProviderKind.Anthropic, Operation.Messages, Operation.Messages)]
    [InlineData(ProviderKind.Anthropic, Operation.MessagesCountTokens, Operation.MessagesCountTokens)]
    [InlineData(ProviderKind.Anthropic, Operation.Embeddings, null)]
    [InlineData(ProviderKind.Gemini, Operation.Responses, Operation.GenerateContent)]
    [InlineData(ProviderKind.Gemini, Operation.EmbedContent, Operation.EmbedContent)]
    [InlineData(ProviderKind.Vertex, Operation.ChatCompletions, Operation.GenerateContent)]
    [InlineData(ProviderKind.Vertex, Operation.GeminiCountTokens, Operation.GeminiCountTokens)]
    [InlineData(ProviderKind.Bedrock, Operation.Messages, Operation.Converse)]
    [InlineData(ProviderKind.Gemini, Operation.ImageEdits, Operation.GenerateContent)]
    [InlineData(ProviderKind.Vertex, Operation.Speech, Operation.GenerateContent)]
    [InlineData(ProviderKind.Vertex, Operation.BatchEmbedContents, Operation.Predict)]
    [InlineData(ProviderKind.Bedrock, Operation.Embeddings, Operation.InvokeModel)]
    [InlineData(ProviderKind.Bedrock, Operation.Rerank, Operation.InvokeModel)]
    [InlineData(ProviderKind.Bedrock, Operation.ImageGenerations, null)]
    [InlineData(ProviderKind.Cohere, Operation.ChatCompletions, Operation.CohereChat)]
    [InlineData(ProviderKind.Cohere, Operation.CohereRerank, Operation.CohereRerank)]
    [InlineData(ProviderKind.Simulated, Operation.Messages, Operation.ChatCompletions)]
    public void Serve_ByKind_NativeElseTheWireToTranslateInto(ProviderKind kind, Operation asked, Operation? called) =>
        AdapterBench.AdapterOf(kind).Serve(Of(kind), asked).ShouldBe(called);

    [Theory]
    [InlineData("responses", Operation.Messages, Operation.Responses)]
    [InlineData("responses", Operation.ChatCompletions, Operation.Responses)]
    [InlineData("chat,responses,messages", Operation.Messages, Operation.Messages)]
    [InlineData("chat, responses, messages", Operation.GenerateContent, Operation.ChatCompletions)]
    [InlineData("messages,chat", Operation.GenerateContent, Operation.Messages)]
    public void Serve_WiresSetting_FirstIsTheOneToTranslateInto(string wires, Operation asked, Operation called) =>
        AdapterBench.AdapterOf(ProviderKind.OpenAICompatible)
            .Serve(AdapterBench.ProviderOf(ProviderKind.OpenAICompatible, new Uri("http://127.0.0.1:1"), settings: ("wires", wires)), asked).ShouldBe(called);

    [Fact]
    public void Serve_EveryKind_GeneratesFromEveryWire()
    {
        foreach (ProviderKind kind in Enum.GetValues<ProviderKind>())
        {
            IProviderAdapter adapter = AdapterBench.AdapterOf(kind);
            Provider provider = Of(kind);
            foreach (Wire wire in Wires.All)
            {
                adapter.Serve(provider, wire.ToOperation())?.GenerationWire().ShouldNotBeNull($"{kind} for {wire}");
            }
        }
    }

    private static Provider Of(ProviderKind kind) => AdapterBench.ProviderOf(kind, kind == ProviderKind.AzureOpenAI ? new Uri("http://127.0.0.1:1") : null, settings: kind switch
    {
        ProviderKind.Vertex => [("project", "p"), ("location", "global")],
        ProviderKind.Bedrock => [("region", "us-east-1")],
        ProviderKind.OpenAICompatible => [("profile", "groq")],
        _ => [],
    });
}
