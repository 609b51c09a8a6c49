using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Providers;
using Gateway.Tests.Corpus;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Providers;

/// <summary>The matrix is true: what it calls native has an adapter, a codec where text is generated, and recorded traffic.</summary>
public class CapabilityMatrixTests
{
    private static readonly ProviderRegistry Registry = new(() => new GatewayOptions(), TimeProvider.System);
    private static readonly CapabilityMatrix Matrix = new(Registry);

    private static readonly Dictionary<string, string[]> Files = new()
    {
        ["chat"] = ["openai.chat"],
        ["responses"] = ["openai.responses"],
        ["messages"] = ["anthropic.messages"],
        ["gemini"] = ["gemini.generateContent"],
        ["converse"] = ["bedrock.converse"],
        ["cohere_chat"] = ["cohere.chat"],
        ["completions"] = ["openai.completions"],
        ["count_tokens"] = ["anthropic.count_tokens", "gemini.countTokens"],
        ["embeddings"] = ["openai.embeddings", "gemini.embedContent"],
        ["rerank"] = ["rerank", "cohere.rerank"],
        ["moderations"] = ["openai.moderations"],
        ["images"] = ["openai.images.generations", "openai.images.edits"],
        ["transcription"] = ["openai.audio.transcriptions", "openai.audio.translations"],
        ["speech"] = ["openai.audio.speech"],
    };

    public static TheoryData<ProviderKind, string> Native()
    {
        var data = new TheoryData<ProviderKind, string>();
        foreach (KindSupport row in Matrix.Rows)
        {
            foreach ((Capability capability, SupportLevel _) in Capability.All.Zip(row.Levels).Where(p => p.Second == SupportLevel.Native))
            {
                data.Add(row.Kind, capability.Name);
            }
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Native))]
    public void Native_HasAdapterCodecAndRecordedTraffic(ProviderKind kind, string name)
    {
        Capability capability = Capability.All.Single(c => c.Name == name);

        Registry.Find(kind).ShouldNotBeNull();
        foreach (Wire wire in capability.Operations.Select(o => o.GenerationWire()).OfType<Wire>())
        {
            ProviderRegistry.Codecs.ShouldContain(c => c.Wire == wire);
        }
        Files[name].SelectMany(RecordedExchange.Read).Count(e => e.Status < 400 && IsOf(kind, e.Provider)).ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Rows_EveryKind_GeneratesOnEveryWire()
    {
        string[] generation = [.. Capability.All.Where(c => c.Operations[0].GenerationWire() is not null).Select(c => c.Name)];

        foreach (KindSupport row in Matrix.Rows)
        {
            Capability.All.Zip(row.Levels).Where(p => generation.Contains(p.First.Name)).ShouldAllBe(p => p.Second != SupportLevel.Planned, row.Kind.ToString());
        }
    }

    [Theory]
    [InlineData(ProviderKind.Anthropic, "embeddings", SupportLevel.Planned)]
    [InlineData(ProviderKind.Anthropic, "chat", SupportLevel.Compatible)]
    [InlineData(ProviderKind.OpenAI, "rerank", SupportLevel.Compatible)]
    [InlineData(ProviderKind.Bedrock, "converse", SupportLevel.Native)]
    [InlineData(ProviderKind.Bedrock, "embeddings", SupportLevel.Compatible)]
    [InlineData(ProviderKind.Bedrock, "images", SupportLevel.Planned)]
    [InlineData(ProviderKind.Vertex, "embeddings", SupportLevel.Compatible)]
    [InlineData(ProviderKind.Gemini, "images", SupportLevel.Compatible)]
    [InlineData(ProviderKind.Gemini, "transcription", SupportLevel.Compatible)]
    [InlineData(ProviderKind.Vertex, "speech", SupportLevel.Compatible)]
    [InlineData(ProviderKind.Gemini, "moderations", SupportLevel.Planned)]
    [InlineData(ProviderKind.Simulated, "chat", SupportLevel.Compatible)]
    public void Level_ByKind_IsWhatItsAdapterDoes(ProviderKind kind, string capability, SupportLevel level) =>
        Capability.All.Zip(Matrix.Rows.Single(r => r.Kind == kind).Levels).Single(p => p.First.Name == capability).Second.ShouldBe(level);

    private static bool IsOf(ProviderKind kind, string provider) => kind switch
    {
        ProviderKind.OpenAI => provider == "openai",
        ProviderKind.AzureOpenAI => provider == "azure",
        ProviderKind.OpenAICompatible => provider is not ("openai" or "azure" or "anthropic" or "google" or "vertex" or "bedrock" or "cohere"),
        ProviderKind.Anthropic => provider == "anthropic",
        ProviderKind.Gemini => provider == "google",
        ProviderKind.Vertex => provider == "vertex",
        ProviderKind.Bedrock => provider == "bedrock",
        ProviderKind.Cohere => provider == "cohere",
        _ => false,
    };
}
