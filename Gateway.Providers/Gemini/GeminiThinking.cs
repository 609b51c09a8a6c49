using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;

namespace Gateway.Providers.Gemini;

/// <summary>
/// Writes <c>thinkingConfig</c>: a budget of tokens for Gemini 2.5, a level from Gemini 3 on; older models refuse it.
/// Source: ai.google.dev, "Gemini thinking".
/// </summary>
internal static class GeminiThinking
{
    // 2.5 Pro cannot be told not to think.
    private const int LeastOfPro = 128;
    private const int MostOfFlash = 24576;

    public static void Write(GenerationRequest request, Utf8JsonWriter writer, ConversionNotes notes)
    {
        List<VendorExtension> others = [.. request.Extensions.Where(
            e => e.Wire == Wire.Gemini && e.Name.StartsWith(GeminiConfigWriter.ThinkingPrefix, StringComparison.Ordinal))];
        ReasoningSettings? settings = request.Reasoning;
        if (settings is null && others.Count == 0)
        {
            return;
        }
        if (!GeminiModelName.Thinks(request.Model) && request.Origin != Wire.Gemini)
        {
            notes.Lose("reasoning", "This model does not think before it answers.");
            return;
        }
        writer.WriteStartObject("thinkingConfig");
        if (settings is not null)
        {
            WriteAmount(settings, request.Model, request.Origin == Wire.Gemini, writer, notes);
            if ((settings.IncludeThoughts ?? (settings.Summary is null ? null : true)) is { } include)
            {
                writer.WriteBoolean("includeThoughts", include);
            }
        }
        foreach (VendorExtension other in others)
        {
            writer.WritePropertyName(other.Name[GeminiConfigWriter.ThinkingPrefix.Length..]);
            other.Value.WriteTo(writer);
        }
        writer.WriteEndObject();
    }

    // One of the two; both at once are refused.
    private static void WriteAmount(ReasoningSettings settings, string model, bool own, Utf8JsonWriter writer, ConversionNotes notes)
    {
        bool off = settings.Enabled == false || settings.Effort == ReasoningEffort.None;
        if (own)
        {
            WriteOwn(settings, writer);
            return;
        }
        if (GeminiModelName.Generation(model) is >= 3)
        {
            WriteLevel(settings, off, model, writer, notes);
            return;
        }
        int? budget = off ? 0 : settings.BudgetTokens ?? settings.Effort?.ToBudget();
        bool pro = model.Contains("pro", StringComparison.OrdinalIgnoreCase);
        if (budget == 0 && pro)
        {
            notes.Bridge("reasoning", "This model always thinks; it is told to think as little as it can.");
            budget = LeastOfPro;
        }
        if (budget is { } tokens)
        {
            writer.WriteNumber("thinkingBudget", pro ? tokens : Math.Min(tokens, MostOfFlash));
        }
    }

    // As the client said it; whether the model takes it is between the two of them.
    private static void WriteOwn(ReasoningSettings settings, Utf8JsonWriter writer)
    {
        if (settings.BudgetTokens is { } budget)
        {
            writer.WriteNumber("thinkingBudget", budget);
        }
        if (settings.Effort is { } effort)
        {
            writer.WriteString("thinkingLevel", effort.ToName());
        }
    }

    private static void WriteLevel(ReasoningSettings settings, bool off, string model, Utf8JsonWriter writer, ConversionNotes notes)
    {
        if (!off && settings is { Effort: null, BudgetTokens: { } budget })
        {
            writer.WriteNumber("thinkingBudget", budget);
            return;
        }
        string? level = off ? "minimal" : settings.Effort switch
        {
            null => null,
            ReasoningEffort.Minimal => "minimal",
            ReasoningEffort.Low => "low",
            ReasoningEffort.Medium => "medium",
            _ => "high",
        };
        if (off || settings.Effort == ReasoningEffort.XHigh)
        {
            notes.Bridge("reasoning", "Gemini's levels go from minimal to high; the nearest was taken.");
        }
        // Pro models know no level below low.
        if (level == "minimal" && model.Contains("pro", StringComparison.OrdinalIgnoreCase))
        {
            level = "low";
        }
        if (level is not null)
        {
            writer.WriteString("thinkingLevel", level);
        }
    }
}
