using Gateway.Core.Catalog;

namespace Gateway.Providers;

/// <summary>
/// What each kind of provider serves, as its adapter says. A test holds every <see cref="SupportLevel.Native"/> against the codecs
/// and the recorded traffic behind it.
/// </summary>
public sealed class CapabilityMatrix(ProviderRegistry registry)
{
    // What is served as it was asked for and has been seen on the wire, by the kinds whose traffic was recorded.
    private static readonly Dictionary<ProviderKind, string[]> Recorded = new()
    {
        [ProviderKind.OpenAI] = ["chat", "responses", "completions", "embeddings", "moderations", "images", "transcription", "speech"],
        [ProviderKind.AzureOpenAI] = ["chat", "responses", "embeddings"],
        [ProviderKind.OpenAICompatible] = ["chat", "completions", "embeddings", "rerank"],
        [ProviderKind.Anthropic] = ["messages", "count_tokens"],
        [ProviderKind.Gemini] = ["gemini", "count_tokens", "embeddings"],
        [ProviderKind.Vertex] = ["gemini", "count_tokens"],
        [ProviderKind.Bedrock] = ["converse"],
        [ProviderKind.Cohere] = ["cohere_chat", "rerank"],
    };

    /// <summary>All kinds, each with its level for every <see cref="Capability"/>, in that order.</summary>
    public IReadOnlyList<KindSupport> Rows { get; } =
        [.. Enum.GetValues<ProviderKind>().Select(k => new KindSupport(k, [.. Capability.All.Select(c => LevelOf(registry, k, c))]))];

    private static SupportLevel LevelOf(ProviderRegistry registry, ProviderKind kind, Capability capability)
    {
        if (registry.Find(kind) is not { } adapter)
        {
            return SupportLevel.Planned;
        }
        Provider example = ExampleOf(kind);
        bool asAsked = capability.Operations.Any(o => adapter.Serve(example, o) == o);
        return asAsked && Recorded.TryGetValue(kind, out string[]? recorded) && recorded.Contains(capability.Name) ? SupportLevel.Native
            : asAsked || capability.Operations.Any(o => IsTranslated(o, adapter.Serve(example, o))) ? SupportLevel.Compatible
            : SupportLevel.Planned;
    }

    private static bool IsTranslated(Operation asked, Operation? served) => asked.GenerationWire() is not null
        ? served?.GenerationWire() is { } wire && ProviderRegistry.Codecs.Any(c => c.Wire == wire)
        : ProviderRegistry.Capabilities.Any(c => c.Operation == asked) && ProviderRegistry.Capabilities.Any(c => c.Operation == served);

    private static Provider ExampleOf(ProviderKind kind) => new()
    {
        Id = "",
        Name = "",
        Kind = kind,
        Credentials = [],
        Settings = new Dictionary<string, string>(),
        Timeouts = new TimeoutSettings(),
        State = new ProviderState(),
        ClientVersion = "",
    };
}

/// <summary>One kind's row of the matrix.</summary>
/// <param name="Levels">One for each of <see cref="Capability.All"/>.</param>
public sealed record KindSupport(ProviderKind Kind, IReadOnlyList<SupportLevel> Levels);
