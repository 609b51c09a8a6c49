using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;

namespace Gateway.Providers.Bedrock.Converse;

/// <summary>Writes a Converse request that the model will take.</summary>
internal sealed class ConverseRequestWriter(Utf8JsonWriter writer, ConversionNotes notes, GenerationRequest request)
{
    // A model's own fields that were read from this wire go back as they were.
    private readonly bool _ownFields = request.Extensions.Any(e => e.Wire == Wire.BedrockConverse && e.Name == ConverseRequestReader.ModelFields);

    public void Write()
    {
        int? budget = _ownFields ? null : BudgetOrNone();
        writer.WriteStartObject();
        new ConverseMessageWriter(writer, notes).Write(request, JsonInstruction());
        WriteInference(budget);
        new ConverseToolWriter(writer, notes, request).Write();
        WriteOutput();
        WriteModelFields(budget);
        WriteMetadata();
        if (request.ServiceTier is { } tier)
        {
            writer.WriteStartObject("serviceTier");
            writer.WriteString("type", tier == "auto" ? "default" : tier);
            writer.WriteEndObject();
        }
        LoseIf(request.User is not null, "user");
        if (request.CacheKey is not null)
        {
            notes.Bridge("prompt_cache_key", "Bedrock caches by the prompt itself.");
        }
        VendorExtension.WriteAll(request.Extensions, Wire.BedrockConverse, writer, notes);
        writer.WriteEndObject();
    }

    private int? BudgetOrNone()
    {
        int? budget = ConverseReasoning.ClaudeBudget(request);
        if (budget is not null && ConverseToolWriter.Forces(request.ToolChoice))
        {
            notes.Lose("reasoning", "The model does not think when it must call a tool.");
            return null;
        }
        if (budget is not { } wanted || request.Sampling.OutputCeiling is not { } ceiling)
        {
            return budget;
        }
        if (ceiling <= ConverseReasoning.LeastBudget)
        {
            notes.Bridge("reasoning", "The model's limit of tokens leaves no room to think.");
            return null;
        }
        // Half of what there is, at least, is for the answer.
        return Math.Min(wanted, Math.Max(ConverseReasoning.LeastBudget, ceiling / 2));
    }

    private void WriteInference(int? budget)
    {
        Sampling sampling = request.Sampling;
        LoseIf(sampling.Seed is not null, "seed");
        LoseIf(sampling.FrequencyPenalty is not (null or 0), "frequency_penalty");
        LoseIf(sampling.PresencePenalty is not (null or 0), "presence_penalty");
        LoseIf(sampling.Choices is > 1, "choices");
        LoseIf(sampling.Logprobs == true || sampling.TopLogprobs is > 0, "logprobs");
        double? temperature = sampling.Temperature;
        double? topP = sampling.TopP;
        int? most = sampling.MaxOutputTokens;
        if (temperature > 1 && request.Origin != Wire.BedrockConverse)
        {
            notes.Bridge("temperature", "Bedrock's temperature ends at 1.");
            temperature = 1;
        }
        if (budget is { } thinking)
        {
            LoseIf(temperature is not (null or 1), "temperature");
            LoseIf(topP is not (null or 1), "top_p");
            (temperature, topP) = (null, null);
            // The limit counts the thoughts in.
            most = most is null || most > thinking ? most ?? thinking + 4096 : thinking + most;
            most = Math.Min(most.Value, sampling.OutputCeiling ?? most.Value);
        }
        if (most is null && temperature is null && topP is null && sampling.Stop.Count == 0)
        {
            return;
        }
        writer.WriteStartObject("inferenceConfig");
        WriteNumber("maxTokens", most);
        WriteNumber("temperature", temperature);
        WriteNumber("topP", topP);
        if (sampling.Stop.Count > 0)
        {
            writer.WriteStartArray("stopSequences");
            foreach (string stop in sampling.Stop)
            {
                writer.WriteStringValue(stop);
            }
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }

    private string? JsonInstruction()
    {
        if (request.Output?.Kind != OutputFormatKind.JsonObject)
        {
            return null;
        }
        notes.Bridge("response_format", "Converse has no JSON mode without a schema; the model was told in words.");
        return "Answer with one JSON object and nothing else.";
    }

    private void WriteOutput()
    {
        if (request.Output is not { Kind: OutputFormatKind.JsonSchema, Schema.ValueKind: JsonValueKind.Object } format)
        {
            return;
        }
        writer.WriteStartObject("outputConfig");
        writer.WriteStartObject("textFormat");
        writer.WriteString("type", "json_schema");
        writer.WriteStartObject("structure");
        writer.WriteStartObject("jsonSchema");
        writer.WriteString("schema", format.Schema.GetRawText());
        if (format.Name is not null)
        {
            writer.WriteString("name", format.Name);
        }
        if (format.Description is not null)
        {
            writer.WriteString("description", format.Description);
        }
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void WriteModelFields(int? budget)
    {
        if (_ownFields)
        {
            return;
        }
        ReasoningSettings? reasoning = request.Reasoning;
        string? effort = reasoning?.Effort is { } level and not ReasoningEffort.None
            ? level switch { ReasoningEffort.Minimal => "low", ReasoningEffort.XHigh => "high", _ => level.ToName() }
            : null;
        bool nova = ConverseReasoning.IsNova(request.Model) && effort is not null;
        bool named = ConverseReasoning.TakesEffort(request.Model) && effort is not null;
        int? topK = request.Sampling.TopK;
        bool takesTopK = ConverseReasoning.IsClaude(request.Model) && budget is null;
        LoseIf(topK is not null && !takesTopK, "top_k");
        if (reasoning is { Enabled: not false } && effort is not null && budget is null && !nova && !named && !ConverseReasoning.IsClaude(request.Model))
        {
            notes.Bridge("reasoning", "How this model is told to think is not known; it decides for itself.");
        }
        if (budget is null && !nova && !named && !(topK is not null && takesTopK))
        {
            return;
        }
        writer.WriteStartObject(ConverseRequestReader.ModelFields);
        if (budget is not null)
        {
            writer.WriteStartObject("thinking");
            writer.WriteString("type", "enabled");
            writer.WriteNumber("budget_tokens", budget.Value);
            writer.WriteEndObject();
        }
        if (nova)
        {
            writer.WriteStartObject("reasoningConfig");
            writer.WriteString("type", "enabled");
            writer.WriteString("maxReasoningEffort", effort);
            writer.WriteEndObject();
        }
        if (named)
        {
            writer.WriteString("reasoning_effort", effort);
        }
        if (takesTopK)
        {
            WriteNumber("top_k", topK);
        }
        writer.WriteEndObject();
    }

    // At most 16 labels of at most 256 characters.
    private void WriteMetadata()
    {
        List<KeyValuePair<string, string>> fitting = [.. request.Metadata.Where(l => l.Key.Length is > 0 and <= 256 && l.Value.Length <= 256).Take(16)];
        LoseIf(fitting.Count < request.Metadata.Count, "metadata");
        if (fitting.Count > 0)
        {
            writer.WriteStartObject("requestMetadata");
            foreach ((string name, string value) in fitting)
            {
                writer.WriteString(name, value);
            }
            writer.WriteEndObject();
        }
    }

    private void WriteNumber(string name, double? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, number);
        }
    }

    private void LoseIf(bool lost, string what)
    {
        if (lost)
        {
            notes.Lose(what, $"Converse has no {what}, or not for this model.");
        }
    }
}
