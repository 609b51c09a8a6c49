using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;

namespace Gateway.Providers.OpenAI.Chat;

/// <summary>Writes a Chat request.</summary>
internal sealed class ChatRequestWriter(Utf8JsonWriter writer, ConversionNotes notes)
{
    public void Write(GenerationRequest request)
    {
        writer.WriteStartObject();
        writer.WriteString("model", request.Model);
        writer.WriteStartArray("messages");
        new ChatMessageWriter(writer, notes, request.Model).WriteAll(request);
        writer.WriteEndArray();
        ChatTools.Write(request, writer, notes);
        ChatFormat.Write(request.Output, writer);
        WriteSampling(request.Sampling, request.Reasoning is not null);
        WriteReasoning(request.Reasoning, OpenAIModel.Of(request.Model));
        if (request.Stream)
        {
            writer.WriteBoolean("stream", true);
            WriteStreamOptions(request);
        }
        if (request.Metadata.Count > 0)
        {
            writer.WriteStartObject("metadata");
            foreach ((string name, string value) in request.Metadata)
            {
                writer.WriteString(name, value);
            }
            writer.WriteEndObject();
        }
        WriteText("user", OpenAIUser.Fit(request.User));
        WriteText("service_tier", request.ServiceTier);
        WriteText("prompt_cache_key", request.CacheKey);
        if (request.Store is { } store)
        {
            writer.WriteBoolean("store", store);
        }
        VendorExtension.WriteAll(
            [.. request.Extensions.Where(e => !e.Name.StartsWith("stream_options.", StringComparison.Ordinal))], Wire.OpenAIChat, writer, notes);
        writer.WriteEndObject();
    }

    private void WriteStreamOptions(GenerationRequest request)
    {
        writer.WriteStartObject("stream_options");
        // Always: without it no server says what a stream cost.
        writer.WriteBoolean("include_usage", true);
        foreach (VendorExtension option in request.Extensions.Where(e => e.Name.StartsWith("stream_options.", StringComparison.Ordinal)))
        {
            writer.WritePropertyName(option.Name["stream_options.".Length..]);
            option.Value.WriteTo(writer);
        }
        writer.WriteEndObject();
    }

    private void WriteSampling(Sampling sampling, bool reasons)
    {
        if (sampling.MaxOutputTokens is { } most)
        {
            // Reasoning models take the new name only; every compatible server knows the old one.
            writer.WriteNumber(reasons ? "max_completion_tokens" : "max_tokens", most);
        }
        WriteNumber("temperature", sampling.Temperature);
        WriteNumber("top_p", sampling.TopP);
        if (sampling.TopK is not null)
        {
            notes.Lose("top_k", "Chat Completions has no top_k.");
        }
        if (sampling.Stop.Count > 0)
        {
            writer.WriteStartArray("stop");
            foreach (string stop in sampling.Stop)
            {
                writer.WriteStringValue(stop);
            }
            writer.WriteEndArray();
        }
        if (sampling.Seed is { } seed)
        {
            writer.WriteNumber("seed", seed);
        }
        WriteNumber("frequency_penalty", sampling.FrequencyPenalty);
        WriteNumber("presence_penalty", sampling.PresencePenalty);
        if (sampling.Choices is > 1)
        {
            writer.WriteNumber("n", sampling.Choices.Value);
        }
        if (sampling.Logprobs is { } logprobs)
        {
            writer.WriteBoolean("logprobs", logprobs);
        }
        if (sampling.TopLogprobs is { } top)
        {
            writer.WriteNumber("top_logprobs", top);
        }
    }

    private void WriteReasoning(ReasoningSettings? reasoning, OpenAIModel model)
    {
        if (reasoning is null)
        {
            return;
        }
        ReasoningEffort? effort = reasoning.Effort
            ?? (reasoning.Enabled == false ? (ReasoningEffort?)ReasoningEffort.None : null)
            ?? (reasoning.BudgetTokens is > 0 and var budget ? (ReasoningEffort?)ReasoningEfforts.OfBudget(budget) : null);
        if (reasoning.Effort is null && effort is not null)
        {
            notes.Bridge("reasoning", "A budget or a switch of reasoning was said as an effort.");
        }
        if (model.Effort(effort, notes) is { } level)
        {
            writer.WriteString("reasoning_effort", level.ToName());
        }
    }

    private void WriteText(string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    private void WriteNumber(string name, double? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, number);
        }
    }
}
