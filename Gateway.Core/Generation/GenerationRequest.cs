using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Tools;

namespace Gateway.Core.Generation;

/// <summary>
/// A request to generate, in no vendor's words: what every wire's codec reads into and writes from. JSON values in it
/// (<see cref="JsonElement"/>) own their memory and stay valid.
/// </summary>
public sealed record GenerationRequest
{
    public required string Model { get; init; }

    /// <summary>What the model is told before the conversation (system or developer text), in order; text only, as a rule.</summary>
    public IReadOnlyList<Part> Instructions { get; init; } = [];
    public required IReadOnlyList<Message> Messages { get; init; }

    public IReadOnlyList<ToolDefinition> Tools { get; init; } = [];
    public ToolChoice? ToolChoice { get; init; }

    /// <summary>False: at most one tool call in an answer. Null leaves it to the model.</summary>
    public bool? ParallelToolCalls { get; init; }

    /// <summary>Null is free text.</summary>
    public OutputFormat? Output { get; init; }
    public Sampling Sampling { get; init; } = Sampling.Default;

    /// <summary>Null leaves it to the model.</summary>
    public ReasoningSettings? Reasoning { get; init; }
    public bool Stream { get; init; }

    /// <summary>On a stream: whether the client asked for token counts (Chat's <c>include_usage</c>); other wires always send them.</summary>
    public bool IncludeUsage { get; init; }

    /// <summary>Labels for the caller's own bookkeeping; empty for none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>An opaque id of the end user; null for none.</summary>
    public string? User { get; init; }
    public string? ServiceTier { get; init; }

    /// <summary>Requests with the same key are likely to share a prefix (<c>prompt_cache_key</c>).</summary>
    public string? CacheKey { get; init; }

    /// <summary>The stored answer that this one goes on from (Responses only); the gateway resolves it for wires that have none.</summary>
    public string? PreviousResponseId { get; init; }

    /// <summary>Whether the answer is to be kept for <see cref="PreviousResponseId"/>; null is the wire's default.</summary>
    public bool? Store { get; init; }

    /// <summary>What one wire has and the canonical form has not; written back on that wire, reported as lost on any other.</summary>
    public IReadOnlyList<VendorExtension> Extensions { get; init; } = [];

    /// <summary>The wire this was read from; null when it was made in code.</summary>
    public Wire? Origin { get; init; }
}
