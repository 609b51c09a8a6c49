using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;

namespace Gateway.Providers.OpenAI.Responses;

/// <summary>The <c>reasoning</c> field: effort and kind of summary; what else is in it is an extension.</summary>
internal static class ResponsesReasoning
{
    public static HashSet<string> Known { get; } = ["effort", "summary", "generate_summary"];

    public static ReasoningSettings? Read(JsonElement json)
    {
        if (!json.Has("reasoning", out JsonElement reasoning))
        {
            return null;
        }
        ReasoningEffort? effort = ReasoningEfforts.Parse(reasoning.Text("effort"));
        string? summary = reasoning.Text("summary") ?? reasoning.Text("generate_summary");
        return effort is null && summary is null ? null : new ReasoningSettings
        {
            Effort = effort,
            Enabled = effort == ReasoningEffort.None ? false : null,
            Summary = summary,
            IncludeThoughts = summary is null ? null : true,
        };
    }

    /// <summary>A level that only this wire, or a later version of it, knows.</summary>
    public static void AddUnknownEffort(JsonElement json, List<VendorExtension> extensions)
    {
        if (json.Has("reasoning", out JsonElement reasoning) && reasoning.Has("effort", out JsonElement effort)
            && ReasoningEfforts.Parse(reasoning.Text("effort")) is null)
        {
            extensions.Add(new VendorExtension(Wire.OpenAIResponses, "reasoning.effort", effort));
        }
    }

    public static void Write(GenerationRequest request, Utf8JsonWriter writer, ConversionNotes notes)
    {
        ReasoningEffort? effort = OpenAIModel.Of(request.Model).Effort(EffortOf(request.Reasoning, notes), notes);
        string? summary = SummaryOf(request.Reasoning);
        List<VendorExtension> others = [.. request.Extensions.Where(IsInReasoning)];
        if (effort is null && summary is null && others.Count == 0)
        {
            return;
        }
        writer.WriteStartObject("reasoning"u8);
        if (effort is { } level)
        {
            writer.WriteString("effort"u8, level.ToName());
        }
        if (summary is not null)
        {
            writer.WriteString("summary"u8, summary);
        }
        foreach (VendorExtension other in others)
        {
            writer.WritePropertyName(other.Name["reasoning.".Length..]);
            other.Value.WriteTo(writer);
        }
        writer.WriteEndObject();
    }

    /// <summary>As an answer repeats it: both fields always.</summary>
    public static void WriteEcho(GenerationRequest request, Utf8JsonWriter writer)
    {
        writer.WriteStartObject("reasoning"u8);
        writer.WriteString("effort"u8, EffortOf(request.Reasoning, new ConversionNotes())?.ToName());
        writer.WriteString("summary"u8, SummaryOf(request.Reasoning));
        writer.WriteEndObject();
    }

    /// <summary>
    /// A thought's <c>encrypted_content</c>; null for none. One of another wire has it without a signature, too: by it alone the thought is known as that
    /// wire's when the client sends it back, and servers of Chat refuse the turn that follows a tool's result without their thoughts.
    /// </summary>
    public static string? Encrypted(Wire? origin, string? signature) =>
        signature is null && origin is null or Wire.OpenAIResponses ? null : ForeignSignature.Wrap(origin, Wire.OpenAIResponses, signature ?? "");

    public static bool IsInReasoning(VendorExtension extension) =>
        extension.Wire == Wire.OpenAIResponses && extension.Name.StartsWith("reasoning.", StringComparison.Ordinal);

    private static ReasoningEffort? EffortOf(ReasoningSettings? reasoning, ConversionNotes notes)
    {
        if (reasoning is null || reasoning.Effort is not null)
        {
            return reasoning?.Effort;
        }
        ReasoningEffort? effort = reasoning.Enabled == false || reasoning.BudgetTokens == 0 ? ReasoningEffort.None
            : reasoning.BudgetTokens is > 0 and var budget ? ReasoningEfforts.OfBudget(budget)
            : null;
        if (effort is not null)
        {
            notes.Bridge("reasoning", "A budget or a switch of reasoning was said as an effort.");
        }
        return effort;
    }

    private static string? SummaryOf(ReasoningSettings? reasoning) => reasoning?.Summary ?? (reasoning?.IncludeThoughts == true ? "auto" : null);
}
