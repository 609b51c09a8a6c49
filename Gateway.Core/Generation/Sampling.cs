namespace Gateway.Core.Generation;

/// <summary>How tokens are chosen and when to stop. Null everywhere means that the upstream decides.</summary>
public sealed record Sampling
{
    public static Sampling Default { get; } = new();

    /// <summary>Tokens, reasoning included where the wire counts it in.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>What no writer may raise <see cref="MaxOutputTokens"/> above, to make room for thoughts: an operator's limit, never a client's.</summary>
    public int? OutputCeiling { get; init; }
    public double? Temperature { get; init; }
    public double? TopP { get; init; }
    public int? TopK { get; init; }
    public IReadOnlyList<string> Stop { get; init; } = [];
    public long? Seed { get; init; }

    /// <summary>-2 to 2.</summary>
    public double? FrequencyPenalty { get; init; }

    /// <summary>-2 to 2.</summary>
    public double? PresencePenalty { get; init; }

    /// <summary>How many answers; 1 or null is one.</summary>
    public int? Choices { get; init; }

    /// <summary>Whether log probabilities of the chosen tokens are wanted.</summary>
    public bool? Logprobs { get; init; }

    /// <summary>How many alternatives with each, 0 to 20.</summary>
    public int? TopLogprobs { get; init; }
}
