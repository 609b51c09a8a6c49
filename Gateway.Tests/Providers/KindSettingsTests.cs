using Gateway.Core.Catalog;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Providers;

/// <summary>What a provider may be registered with, by kind, and where it then is.</summary>
public class KindSettingsTests
{
    [Theory]
    [InlineData(ProviderKind.OpenAI, "", "https://api.openai.com/v1/")]
    [InlineData(ProviderKind.Anthropic, "", "https://api.anthropic.com/v1/")]
    [InlineData(ProviderKind.Gemini, "", "https://generativelanguage.googleapis.com/v1beta/")]
    [InlineData(ProviderKind.Cohere, "", "https://api.cohere.com/v2/")]
    [InlineData(ProviderKind.Vertex, "project=p;location=us-central1", "https://us-central1-aiplatform.googleapis.com/v1/")]
    [InlineData(ProviderKind.Vertex, "project=p;location=global", "https://aiplatform.googleapis.com/v1/")]
    [InlineData(ProviderKind.Bedrock, "region=eu-west-1", "https://bedrock-runtime.eu-west-1.amazonaws.com/")]
    [InlineData(ProviderKind.OpenAICompatible, "profile=groq", "https://api.groq.com/openai/v1/")]
    [InlineData(ProviderKind.OpenAICompatible, "profile=perplexity", "https://api.perplexity.ai/")]
    public void Build_WithoutBaseUrl_TakesTheVendorsOwn(ProviderKind kind, string settings, string url) =>
        AdapterBench.ProviderOf(kind, null, settings: Parse(settings)).BaseUrl!.ToString().ShouldBe(url);

    [Theory]
    [InlineData("https://api.groq.com", "https://api.groq.com/openai/v1/")]
    [InlineData("https://openrouter.ai", "https://openrouter.ai/api/v1/")]
    [InlineData("https://openrouter.ai/api/v2", "https://openrouter.ai/api/v2/")]
    [InlineData("https://api.example.com", "https://api.example.com/v1/")]
    public void Build_BaseUrlWithoutPath_GetsTheHostsOwn(string given, string url) =>
        AdapterBench.ProviderOf(ProviderKind.OpenAICompatible, new Uri(given)).BaseUrl!.ToString().ShouldBe(url);

    [Theory]
    [InlineData(ProviderKind.Vertex, "location=global", "settings.project", "needs it")]
    [InlineData(ProviderKind.Vertex, "project=p;location=Us Central", "settings.location", "for example us-central1")]
    [InlineData(ProviderKind.Bedrock, "", "settings.region", "For example us-east-1")]
    [InlineData(ProviderKind.Bedrock, "region=us-east-1;access_key_id=short", "settings.access_key_id", "capital letters")]
    [InlineData(ProviderKind.Anthropic, "region=x", "settings.region", "It has: anthropic_version")]
    [InlineData(ProviderKind.OpenAICompatible, "profile=nobody", "settings.profile", "mistral")]
    [InlineData(ProviderKind.OpenAICompatible, "wires=chat,telex", "settings.wires", "chat, responses and messages")]
    [InlineData(ProviderKind.OpenAICompatible, "include_usage=perhaps", "settings.include_usage", "true or false")]
    [InlineData(ProviderKind.AzureOpenAI, "tenant_id=t", "settings.client_id", "both")]
    [InlineData(ProviderKind.AzureOpenAI, "tenant_id=t;client_id=c;authority=http://login.example.com", "settings.authority", "https://")]
    [InlineData(ProviderKind.AzureOpenAI, "", "base_url", "my-resource.openai.azure.com")]
    public void Build_SettingThatDoesNotFit_SaysWhatDoes(ProviderKind kind, string settings, string path, string message)
    {
        IReadOnlyList<CatalogError> errors = new GatewayCatalog().Replace(new CatalogDefinition
        {
            Providers = [new ProviderDefinition
            {
                Id = "p",
                Name = "p",
                Kind = kind,
                BaseUrl = kind is ProviderKind.OpenAICompatible || settings.Contains("tenant", StringComparison.Ordinal) ? "http://127.0.0.1:1" : null,
                Settings = Parse(settings).ToDictionary(s => s.Name, s => s.Value),
            }],
        });

        CatalogError error = errors.ShouldHaveSingleItem();
        error.Path.ShouldBe("providers[p]." + path);
        error.Message.ShouldContain(message);
    }

    [Fact]
    public void Build_GoogleCredentialsFileOverSeveralLines_IsASecretOfVertexOnly()
    {
        const string File = "{\n  \"type\": \"service_account\"\n}";

        AdapterBench.ProviderOf(ProviderKind.Vertex, null, File, ("project", "p"), ("location", "global")).Credentials[0].Secret.ShouldBe(File);
        new GatewayCatalog().Replace(new CatalogDefinition
        {
            Providers = [new ProviderDefinition { Id = "p", Name = "p", Kind = ProviderKind.OpenAI, Credentials = [new CredentialDefinition { Id = "c", Label = "c", Secret = File }] }],
        }).ShouldHaveSingleItem().Message.ShouldNotContain("service_account");
    }

    private static (string Name, string Value)[] Parse(string settings) =>
        [.. settings.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(s => s.Split('=', 2)).Select(s => (s[0], s[1]))];
}
