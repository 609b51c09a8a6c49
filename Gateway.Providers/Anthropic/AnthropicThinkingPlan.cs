using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Tools;

namespace Gateway.Providers.Anthropic;

/// <summary>How the model is told to think, and the token limit that goes with it.</summary>
/// <param name="Type"><c>thinking.type</c>; null leaves the field out.</param>
/// <param name="Effort"><c>output_config.effort</c>.</param>
/// <param name="MaxTokens">Thoughts count into it.</param>
internal sealed record AnthropicThinkingPlan(string? Type, int? Budget, string? Effort, string? Display, int MaxTokens)
{
    // Required by the wire; what Anthropic's own examples and most clients use.
    private const int DefaultMaxTokens = 4096;
    private const int LeastBudget = 1024;

    // No thinking model's limit of output is below this.
    private const int SafeMaxTokens = 32000;

    /// <summary>The model is going to think, which excludes some settings of sampling.</summary>
    public bool Thinks => Type is "enabled" or "adaptive";

    public static AnthropicThinkingPlan Make(GenerationRequest request, AnthropicModel model, ConversionNotes notes)
    {
        int? limit = request.Sampling.MaxOutputTokens;
        ReasoningSettings? asked = request.Reasoning;
        var none = new AnthropicThinkingPlan(null, null, null, null, limit ?? DefaultMaxTokens);
        if (asked is null)
        {
            return none;
        }
        // Switched on without a budget it was by the model's settings, not by the client.
        if (request.Origin == Wire.AnthropicMessages && asked is not { Enabled: true, BudgetTokens: null })
        {
            return AsAsked(asked, limit ?? DefaultMaxTokens);
        }
        if (asked.Enabled == false || asked.Effort == ReasoningEffort.None || asked.BudgetTokens == 0)
        {
            return model.ThinksAdaptively ? none with { Type = "disabled" } : none;
        }
        if (!model.Thinks)
        {
            notes.Lose("reasoning", "This model does not think before it answers.");
            return none;
        }
        return model.ThinksAdaptively ? Adaptive(asked, model, limit, notes) : Budgeted(request, asked, none, limit, notes);
    }

    private static AnthropicThinkingPlan AsAsked(ReasoningSettings asked, int limit) => new(
        asked.Enabled switch { false => "disabled", true => asked.BudgetTokens is > 0 ? "enabled" : "adaptive", _ => null },
        asked.BudgetTokens is > 0 ? asked.BudgetTokens : null,
        asked.Effort?.ToName(),
        asked.IncludeThoughts switch { true => "summarized", false => "omitted", _ => null },
        limit);

    private static AnthropicThinkingPlan Adaptive(ReasoningSettings asked, AnthropicModel model, int? limit, ConversionNotes notes)
    {
        ReasoningEffort? effort = asked.Effort ?? (asked.BudgetTokens is > 0 and var budget ? (ReasoningEffort?)ReasoningEfforts.OfBudget(budget) : null);
        if (asked.Effort is null && effort is not null)
        {
            notes.Bridge("reasoning", "A budget of thinking tokens was said as an effort.");
        }
        if (effort == ReasoningEffort.Minimal || (effort == ReasoningEffort.XHigh && !model.KnowsExtraHigh))
        {
            notes.Bridge("reasoning", "The nearest effort that the model knows was taken.");
            effort = effort == ReasoningEffort.Minimal ? ReasoningEffort.Low : ReasoningEffort.High;
        }
        int thoughts = Math.Min((effort ?? ReasoningEffort.Medium).ToBudget(), SafeMaxTokens - DefaultMaxTokens);
        bool? shown = asked.IncludeThoughts ?? (asked.Summary is null ? null : true);
        return new AnthropicThinkingPlan(
            "adaptive", null, effort?.ToName(), shown switch { true => "summarized", false => "omitted", _ => null }, limit ?? thoughts + DefaultMaxTokens);
    }

    private static AnthropicThinkingPlan Budgeted(GenerationRequest request, ReasoningSettings asked, AnthropicThinkingPlan none, int? limit, ConversionNotes notes)
    {
        if (request.ToolChoice?.Mode is ToolChoiceMode.Required or ToolChoiceMode.Named)
        {
            notes.Bridge("reasoning", "The model cannot think when a tool is forced; the tool was thought more important.");
            return none;
        }
        if (AnswersUnsignedCalls(request))
        {
            notes.Bridge("reasoning", "The model goes on thinking after a tool call only from its own signed thoughts, which the conversation does not hold.");
            return none;
        }
        if (limit <= LeastBudget)
        {
            notes.Bridge("reasoning", "The limit of tokens leaves no room to think.");
            return none;
        }
        int budget = asked.BudgetTokens is > 0 and var tokens ? tokens : (asked.Effort ?? ReasoningEffort.Medium).ToBudget();
        int most = limit is { } total ? Math.Max(LeastBudget, total - Math.Min(DefaultMaxTokens, total / 2)) : SafeMaxTokens - DefaultMaxTokens;
        budget = Math.Clamp(budget, LeastBudget, most);
        if (asked.BudgetTokens != budget)
        {
            notes.Bridge("reasoning", "An effort was said as a number of tokens.");
        }
        return new AnthropicThinkingPlan("enabled", budget, null, null, limit ?? budget + DefaultMaxTokens);
    }

    // "When thinking is enabled, a final assistant message must start with a thinking block": that of the turn that called tools.
    private static bool AnswersUnsignedCalls(GenerationRequest request)
    {
        int last = request.Messages.Count - 1;
        while (last >= 0 && request.Messages[last].Role == Role.Tool)
        {
            last--;
        }
        return last >= 0 && last < request.Messages.Count - 1
            && !request.Messages[last].Parts.Any(p => p is ReasoningPart { Origin: Wire.AnthropicMessages, Signature: not null });
    }
}
