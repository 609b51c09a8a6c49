using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Core.Catalog;
using Gateway.Core.Catalog.Quirks;
using Gateway.Core.Relay;
using Gateway.Core.Routing;
using Gateway.Tests.Providers;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Relay;

/// <summary>What upstreams with manners of their own get instead of the client's body.</summary>
public class FieldEditsTests
{
    [Theory]
    [InlineData("mistral", "\"max_completion_tokens\":7", "\"max_tokens\":7")]
    [InlineData("mistral", "\"max_completion_tokens\":7,\"max_tokens\":9", "\"max_tokens\":9")]
    [InlineData("mistral", "\"max_tokens\":null,\"max_completion_tokens\":7", "\"max_tokens\":7")]
    [InlineData("mistral", "\"max_completion_tokens\":null,\"max_tokens\":null", "\"max_tokens\":null")]
    [InlineData("mistral", "\"seed\" : 1, \"store\":true,\"user\":\"u\"", "\"random_seed\" : 1")]
    [InlineData("mistral", "\"stream\":true,\"stream_options\":{\"include_usage\":true}", "\"stream\":true")]
    [InlineData("mistral", "\"stream\":true", "\"stream\":true")]
    [InlineData("mistral", "\"logprobs\":true", "\"logprobs\":true")]
    [InlineData("groq", "\"logprobs\":false,\"logit_bias\":{ },\"top_logprobs\":null", "")]
    [InlineData("groq", "\"logit_bias\":{\"1\":2}", "\"logit_bias\":{\"1\":2}")]
    [InlineData("cerebras", "\"frequency_penalty\":0.0,\"presence_penalty\":-0.5,\"parallel_tool_calls\":true,\"service_tier\":\"auto\"", "\"presence_penalty\":-0.5")]
    [InlineData("cerebras", "\"parallel_tool_calls\":false", "\"parallel_tool_calls\":false")]
    [InlineData("deepseek", "\"max_completion_tokens\":7,\"seed\":1", "\"max_tokens\":7,\"seed\":1")]
    [InlineData("none", "\"max_completion_tokens\":7,\"store\":true", "\"max_completion_tokens\":7,\"store\":true")]
    public void Splice_ProfileWithRules_SendsWhatItTakes(string profile, string sent, string expected)
    {
        // At each end and in the middle, with an extension beside it.
        foreach (string frame in (string[])["{{0},{1},{2}}", "{{1},{0},{2}}", "{{1},{2},{0}}"])
        {
            string body = frame.Replace("{0}", sent, StringComparison.Ordinal)
                .Replace("{1}", "\"omni_route\":\"r\",\"model\":\"m\"", StringComparison.Ordinal)
                .Replace("{2}", "\"messages\":[{\"role\":\"user\",\"content\":\"store\"}],\"omni_metadata\":{}", StringComparison.Ordinal);

            JsonElement spliced = Splice(profile, body);

            JsonElement wanted = JsonElement.Parse($$"""{"model":"up","messages":[{"role":"user","content":"store"}]{{(expected.Length > 0 ? "," + expected : "")}}}""");
            Sorted(spliced).ShouldBe(Sorted(wanted), body);
        }
    }

    [Fact]
    public void Apply_TranslatedBody_GetsTheSameEdits()
    {
        Provider mistral = AdapterBench.ProviderOf(ProviderKind.OpenAICompatible, new Uri("https://api.mistral.ai"));
        byte[] body = Encoding.UTF8.GetBytes("""{"model":"up","stream_options":{"include_usage":true},"max_completion_tokens":5,"messages":[]}""");

        Encoding.UTF8.GetString(FieldEdits.Apply(body, Operation.ChatCompletions, mistral).ToArray()).ShouldBe("""{"model":"up","max_tokens":5,"messages":[]}""");
        FieldEdits.Apply(body, Operation.Responses, mistral).Length.ShouldBe(body.Length);
        FieldEdits.Apply(body, Operation.ChatCompletions, AdapterBench.ProviderOf(ProviderKind.OpenAICompatible, new Uri("http://127.0.0.1:1"))).Length.ShouldBe(body.Length);
    }

    [Theory]
    [InlineData(ProviderKind.OpenAI)]
    [InlineData(ProviderKind.AzureOpenAI)]
    public void Apply_TranslatedForOpenAI_LimitsByTheNameThatReasoningModelsTake(ProviderKind kind)
    {
        Provider openai = AdapterBench.ProviderOf(kind, new Uri("http://127.0.0.1:1"));
        byte[] body = Encoding.UTF8.GetBytes("""{"model":"gpt-5","max_tokens":5,"messages":[]}""");

        Encoding.UTF8.GetString(FieldEdits.Apply(body, Operation.ChatCompletions, openai).ToArray()).ShouldBe("""{"model":"gpt-5","max_completion_tokens":5,"messages":[]}""");
        FieldEdits.Apply(body, Operation.Responses, openai).Length.ShouldBe(body.Length);
    }

    // Policy lowers a value in a member that the profile leaves out or renames.
    [Theory]
    [InlineData("\"max_tokens\":500,\"max_completion_tokens\":600", "\"max_tokens\":100,\"random_seed\":7")]
    [InlineData("\"max_completion_tokens\":600,\"max_tokens\":50,\"seed\":1", "\"max_tokens\":50,\"random_seed\":1")]
    [InlineData("\"max_tokens\":null,\"max_completion_tokens\":600,\"random_seed\":2", "\"max_tokens\":100,\"random_seed\":2")]
    [InlineData("\"temperature\":1", "\"max_tokens\":100,\"random_seed\":7,\"temperature\":1")]
    public void Splice_LimitAndDefaultsOnAProfileWithRules_AreSaidInItsNamesOnce(string sent, string expected)
    {
        var definition = new CatalogDefinition { Models = [new ModelDefinition { Id = "m", Name = "m", MaxOutputTokens = 100, DefaultParamsJson = """{"seed":7,"store":true}""" }] };
        CatalogSnapshot.Build(definition, CatalogSnapshot.Empty, out CatalogSnapshot? snapshot).ShouldBeEmpty();
        const string Messages = """
            "messages":[{"role":"user","content":""}]
            """;

        JsonElement spliced = Splice("mistral", $"{{\"model\":\"m\",{Messages},{sent}}}", snapshot!.FindModel("m"));

        Sorted(spliced).ShouldBe(Sorted(JsonElement.Parse($"{{\"model\":\"up\",{Messages},{expected}}}")));
    }

    [Fact]
    public void Splice_AnyOrderOfAnyFields_StaysJsonWithoutTheRefusedOnes()
    {
        string[] fields = ["\"store\":true", "\"user\":\"u\"", "\"seed\":1", "\"max_completion_tokens\":5", "\"temperature\":1", "\"omni_route\":\"r\"", "\"stream_options\":null", "\"x\":[1,{}]"];

        Check.QuickThrowOnFailure(Prop.ForAll(Gen.Choose(0, 255).ToArbitrary(), Gen.Shuffle(fields).ToArbitrary(), (mask, shuffled) =>
        {
            string[] chosen = [.. shuffled.Where((_, i) => (mask & (1 << i)) != 0)];
            string body = "{" + string.Join(" , ", [.. chosen.Take(3), "\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"\"}]", .. chosen.Skip(3)]) + " }";

            HashSet<string> names = [.. Splice("mistral", body).EnumerateObject().Select(p => p.Name)];

            names.ShouldBe(
                [
                    "model", "messages",
                    .. chosen.Select(c => c.Split('"')[1]).Where(n => n is "temperature" or "x"),
                    .. chosen.Any(c => c.Contains("seed", StringComparison.Ordinal)) ? ["random_seed"] : (string[])[],
                    .. chosen.Any(c => c.Contains("max_c", StringComparison.Ordinal)) ? ["max_tokens"] : (string[])[],
                ],
                ignoreOrder: true);
        }));
    }

    [Theory]
    [InlineData("https://api.mistral.ai", "mistral")]
    [InlineData("https://eu.api.mistral.ai/v1", "mistral")]
    [InlineData("http://127.0.0.1:11434", "ollama")]
    [InlineData("https://notapi.mistral.ai.example.com", null)]
    public void Of_Host_IsRecognised(string url, string? profile) =>
        AdapterBench.ProviderOf(ProviderKind.OpenAICompatible, new Uri(url)).Profile?.Name.ShouldBe(profile);

    [Fact]
    public void Of_SettingNone_SwitchesRecognitionOff() =>
        AdapterBench.ProviderOf(ProviderKind.OpenAICompatible, new Uri("https://api.mistral.ai"), settings: ("profile", "none")).Profile!.Rules.ShouldBeEmpty();

    [Fact]
    public void Profiles_EachWithRules_SaysWhatTheyRestOn() =>
        Profiles.Names.Select(n => Profiles.Find(n)!).Where(p => p.Rules.Count > 0).ShouldAllBe(p => p.Evidence.Length > 0);

    private static JsonElement Splice(string profile, string body, Model? model = null)
    {
        Provider provider = AdapterBench.ProviderOf(ProviderKind.OpenAICompatible, new Uri("http://127.0.0.1:1"), settings: ("profile", profile));
        EnvelopeReader.Read(Operation.ChatCompletions, Encoding.UTF8.GetBytes(body), out RequestEnvelope envelope).ShouldBeNull();
        var backend = new Backend { Id = "b", Provider = provider, UpstreamModel = "up", UpstreamModelJson = "\"up\""u8.ToArray(), State = new BackendState() };
        byte[] spliced = RequestSplicer.Splice(envelope, backend, model, provider.Profile!.TakesStreamOptions && profile != "none").ToArray();
        return JsonElement.Parse(spliced, new JsonDocumentOptions { AllowDuplicateProperties = false });
    }

    private static string Sorted(JsonElement json) => string.Join('\n', json.EnumerateObject().Select(p => $"{p.Name}={p.Value.GetRawText()}").Order(StringComparer.Ordinal));
}
