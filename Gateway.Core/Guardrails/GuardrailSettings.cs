namespace Gateway.Core.Guardrails;

/// <summary>What is not passed on, and where that is looked for; explained in <c>docs/guardrails.md</c>.</summary>
public sealed record GuardrailSettings
{
    /// <summary>Looked for in requests, which are refused for them; null looks for none.</summary>
    public BannedWords? Requests { get; init; }

    /// <summary>Looked for in answers, which end at them; null looks for none.</summary>
    public BannedWords? Answers { get; init; }
}
