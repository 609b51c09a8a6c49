using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Tools;

namespace Gateway.Providers.Cohere.Chat;

/// <summary>Writes a chat request within the ranges that Cohere takes.</summary>
internal sealed class CohereRequestWriter(Utf8JsonWriter writer, ConversionNotes notes, GenerationRequest request)
{
    private const int MostTopK = 500;
    private const int MostStops = 5;

    // What was read from this wire goes back as it was; the upstream judges it.
    private readonly bool _own = request.Origin == Wire.CohereChat;

    public void Write()
    {
        writer.WriteStartObject();
        writer.WriteString("model", request.Model);
        new CohereMessageWriter(writer, notes).WriteAll(request);
        // The field is required in the reference.
        writer.WriteBoolean("stream", request.Stream);
        WriteTools();
        WriteOutput();
        WriteSampling();
        WriteThinking();
        LoseIf(request.Metadata.Count > 0, "metadata");
        LoseIf(request.User is not null, "user");
        if (request.ServiceTier is not (null or "auto" or "default"))
        {
            notes.Bridge("service_tier", "Cohere has no tiers.");
        }
        if (request.CacheKey is not null)
        {
            notes.Bridge("prompt_cache_key", "Cohere caches by the prompt itself.");
        }
        VendorExtension.WriteAll(request.Extensions, Wire.CohereChat, writer, notes);
        writer.WriteEndObject();
    }

    private void WriteTools()
    {
        foreach (BuiltInTool foreign in request.Tools.OfType<BuiltInTool>().Where(t => t.Wire != Wire.CohereChat))
        {
            notes.Lose("tool:" + foreign.Type, "Cohere has no such built-in tool.");
        }
        ToolChoice? choice = request.ToolChoice;
        IEnumerable<ToolDefinition> tools = request.Tools.Where(t => t is FunctionTool or BuiltInTool { Wire: Wire.CohereChat });
        if (choice is { Mode: ToolChoiceMode.Named } or { Allowed.Count: > 0 })
        {
            // Only the tool that must be called is offered.
            notes.Bridge(choice.Mode == ToolChoiceMode.Named ? "tool_choice.named" : "tool_choice.allowed", "Cohere cannot name a tool to call; only the allowed ones were sent.");
            tools = tools.Where(t => t is FunctionTool f && (f.Name == choice.Name || choice.Allowed.Contains(f.Name)));
        }
        List<ToolDefinition> all = [.. tools];
        if (all.Count == 0)
        {
            return;
        }
        LoseIf(request.ParallelToolCalls == false, "parallel_tool_calls");
        writer.WriteStartArray("tools");
        all.ForEach(WriteTool);
        writer.WriteEndArray();
        if (choice?.Mode is ToolChoiceMode.Required or ToolChoiceMode.Named)
        {
            writer.WriteString("tool_choice", "REQUIRED");
        }
        else if (choice?.Mode == ToolChoiceMode.None)
        {
            writer.WriteString("tool_choice", "NONE");
        }
    }

    private void WriteTool(ToolDefinition tool)
    {
        if (tool is not FunctionTool function)
        {
            ((BuiltInTool)tool).Json.WriteTo(writer);
            return;
        }
        writer.WriteStartObject();
        writer.WriteString("type", "function");
        writer.WriteStartObject("function");
        writer.WriteString("name", function.Name);
        if (function.Description is not null)
        {
            writer.WriteString("description", function.Description);
        }
        writer.WritePropertyName("parameters");
        if (function.Parameters.ValueKind == JsonValueKind.Object)
        {
            function.Parameters.WriteTo(writer);
        }
        else
        {
            writer.WriteRawValue("""{"type":"object","properties":{}}""");
        }
        writer.WriteEndObject();
        writer.WriteEndObject();
        if (function.Strict == true)
        {
            notes.Bridge("tool.strict", "Cohere has strict tools for all or none (strict_tools); the schema was sent without.");
        }
    }

    private void WriteOutput()
    {
        if (request.Output is not { } format)
        {
            return;
        }
        writer.WriteStartObject("response_format");
        writer.WriteString("type", format.Kind == OutputFormatKind.Text ? "text" : "json_object");
        if (format is { Kind: OutputFormatKind.JsonSchema, Schema.ValueKind: JsonValueKind.Object })
        {
            writer.WritePropertyName("json_schema");
            format.Schema.WriteTo(writer);
        }
        writer.WriteEndObject();
    }

    private void WriteSampling()
    {
        Sampling sampling = request.Sampling;
        WriteWhole("max_tokens", sampling.MaxOutputTokens);
        WriteNumber("temperature", Within(sampling.Temperature, 0, 1, "temperature"));
        WriteNumber("p", Within(sampling.TopP, 0.01, 0.99, "top_p"));
        WriteWhole("k", sampling.TopK is > MostTopK && !_own ? MostTopK : sampling.TopK);
        WriteWhole("seed", sampling.Seed);
        WriteNumber("frequency_penalty", Within(sampling.FrequencyPenalty, 0, 1, "frequency_penalty"));
        WriteNumber("presence_penalty", Within(sampling.PresencePenalty, 0, 1, "presence_penalty"));
        if (sampling.Logprobs == true)
        {
            writer.WriteBoolean("logprobs", true);
        }
        LoseIf(sampling.TopLogprobs is > 0, "top_logprobs");
        LoseIf(sampling.Choices is > 1, "choices");
        IReadOnlyList<string> stop = _own ? sampling.Stop : [.. sampling.Stop.Take(MostStops)];
        LoseIf(stop.Count < sampling.Stop.Count, "stop");
        if (stop.Count > 0)
        {
            writer.WriteStartArray("stop_sequences");
            foreach (string sequence in stop)
            {
                writer.WriteStringValue(sequence);
            }
            writer.WriteEndArray();
        }
    }

    private double? Within(double? value, double least, double most, string what)
    {
        if (_own || value is not { } number || (number >= least && number <= most))
        {
            return value;
        }
        // 1 is no limit, as is 0.99 to all intents.
        if (!(what == "top_p" && number is 1 or 0))
        {
            notes.Bridge(what, $"Cohere's {what} is from {least} to {most}.");
        }
        return Math.Clamp(number, least, most);
    }

    private void WriteThinking()
    {
        if (request.Reasoning is not { } reasoning)
        {
            return;
        }
        bool off = reasoning.Enabled == false || reasoning.Effort == ReasoningEffort.None;
        // Others refuse the field.
        if (!_own && !request.Model.Contains("reasoning", StringComparison.OrdinalIgnoreCase))
        {
            if (!off)
            {
                notes.Bridge("reasoning", "This model is not one that thinks.");
            }
            return;
        }
        writer.WriteStartObject("thinking");
        writer.WriteString("type", off ? "disabled" : "enabled");
        int? budget = reasoning.BudgetTokens is > 0 and var tokens ? tokens : reasoning.Effort?.ToBudget();
        if (!off && budget is > 0)
        {
            writer.WriteNumber("token_budget", budget.Value);
        }
        writer.WriteEndObject();
    }

    private void WriteWhole(string name, long? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, number);
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
            notes.Lose(what, $"Cohere has no {what}, or not so much of it.");
        }
    }
}
