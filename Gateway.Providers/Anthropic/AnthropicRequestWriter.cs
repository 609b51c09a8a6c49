using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;

namespace Gateway.Providers.Anthropic;

/// <summary>Writes a Messages request that the model will take.</summary>
internal sealed class AnthropicRequestWriter(Utf8JsonWriter writer, ConversionNotes notes, GenerationRequest request)
{
    private readonly AnthropicModel _model = AnthropicModel.Of(request.Model);

    // What was read from this wire goes back as it was; the upstream judges it.
    private readonly bool _own = request.Origin == Wire.AnthropicMessages;

    public void Write()
    {
        AnthropicThinkingPlan plan = AnthropicThinkingPlan.Make(request, _model, notes);
        var output = new AnthropicOutput(writer, notes, request, _own || _model.TakesSchema);
        writer.WriteStartObject();
        writer.WriteString("model", request.Model);
        if (request.Sampling.MaxOutputTokens is null)
        {
            notes.Bridge("max_tokens", "Anthropic wants a limit of tokens; one was chosen.");
        }
        writer.WriteNumber("max_tokens", plan.MaxTokens);
        new AnthropicMessageWriter(writer, notes, request, _model).Write(output.Instruction);
        new AnthropicToolWriter(writer, notes, _own || _model.TakesSchema).Write(request);
        WriteThinking(plan);
        output.WriteConfig(plan.Effort);
        WriteSampling(plan);
        if (request.Stream)
        {
            writer.WriteBoolean("stream", true);
        }
        WriteMetadata();
        WriteServiceTier();
        VendorExtension.WriteAll(
            [.. request.Extensions.Where(e => !e.Name.StartsWith(AnthropicThinking.ConfigPrefix, StringComparison.Ordinal))], Wire.AnthropicMessages, writer, notes);
        writer.WriteEndObject();
    }

    private void WriteThinking(AnthropicThinkingPlan plan)
    {
        if (plan.Type is null)
        {
            return;
        }
        writer.WriteStartObject("thinking");
        writer.WriteString("type", plan.Type);
        if (plan.Budget is { } budget)
        {
            writer.WriteNumber("budget_tokens", budget);
        }
        if (plan.Display is not null)
        {
            writer.WriteString("display", plan.Display);
        }
        writer.WriteEndObject();
    }

    private void WriteSampling(AnthropicThinkingPlan plan)
    {
        Sampling sampling = request.Sampling;
        double? temperature = sampling.Temperature;
        double? topP = sampling.TopP;
        int? topK = sampling.TopK;
        if (!_own)
        {
            Restrict(plan, ref temperature, ref topP, ref topK);
        }
        if (temperature is { } t)
        {
            writer.WriteNumber("temperature", t);
        }
        if (topP is { } p)
        {
            writer.WriteNumber("top_p", p);
        }
        if (topK is { } k)
        {
            writer.WriteNumber("top_k", k);
        }
        WriteStop(sampling.Stop);
        LoseIf(sampling.Seed is not null, "seed");
        LoseIf(sampling.FrequencyPenalty is not (null or 0), "frequency_penalty");
        LoseIf(sampling.PresencePenalty is not (null or 0), "presence_penalty");
        LoseIf(sampling.Choices is > 1, "choices");
        LoseIf(sampling.Logprobs == true || sampling.TopLogprobs is > 0, "logprobs");
    }

    private void Restrict(AnthropicThinkingPlan plan, ref double? temperature, ref double? topP, ref int? topK)
    {
        if (temperature > 1)
        {
            notes.Bridge("temperature", "Anthropic's temperature ends at 1.");
            temperature = 1;
        }
        if (!_model.TakesSampling || plan.Thinks)
        {
            const string Why = "The model takes no such setting, or not while it thinks.";
            Drop(ref temperature, temperature is not (null or 1), "temperature", Why);
            Drop(ref topP, topP is not (null or 1), "top_p", Why);
            Drop(ref topK, topK is not null, "top_k", Why);
        }
        else if (temperature is not null && topP is not null && !_model.TakesBothSamplings)
        {
            Drop(ref topP, topP is not 1, "top_p", "The model takes temperature or top_p, not both.");
        }
    }

    private void Drop<T>(ref T? value, bool matters, string what, string why) where T : struct
    {
        value = null;
        if (matters)
        {
            notes.Lose(what, why);
        }
    }

    private void LoseIf(bool lost, string what)
    {
        if (lost)
        {
            notes.Lose(what, $"Anthropic has no {what}.");
        }
    }

    private void WriteStop(IReadOnlyList<string> stop)
    {
        // "Each stop sequence must contain non-whitespace."
        List<string> takes = _own ? [.. stop] : [.. stop.Where(s => !string.IsNullOrWhiteSpace(s))];
        if (takes.Count < stop.Count)
        {
            notes.Lose("stop", "Anthropic stops at no sequence of blanks alone.");
        }
        if (takes.Count > 0)
        {
            writer.WriteStartArray("stop_sequences");
            takes.ForEach(writer.WriteStringValue);
            writer.WriteEndArray();
        }
    }

    private void WriteMetadata()
    {
        if (!_own && request.Metadata.Count > 0)
        {
            notes.Lose("metadata", "Anthropic takes the user's id and no other label.");
        }
        if (request.User is null && (!_own || request.Metadata.Count == 0))
        {
            return;
        }
        writer.WriteStartObject("metadata");
        if (request.User is not null)
        {
            writer.WriteString("user_id", request.User);
        }
        if (_own)
        {
            foreach ((string name, string value) in request.Metadata)
            {
                writer.WriteString(name, value);
            }
        }
        writer.WriteEndObject();
    }

    // OpenAI's "auto" means the same; its "default" is what Anthropic calls standard_only.
    private void WriteServiceTier()
    {
        string? tier = _own ? request.ServiceTier : request.ServiceTier switch { "auto" => "auto", "default" => "standard_only", _ => null };
        if (tier is not null)
        {
            writer.WriteString("service_tier", tier);
        }
        else if (request.ServiceTier is not null)
        {
            notes.Lose("service_tier", $"Anthropic has no tier '{request.ServiceTier}'.");
        }
    }
}
