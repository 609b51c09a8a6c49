using System.Text;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Core.Failover.Translated;

/// <summary>What the gateway itself changes in a request that is translated: its own fields go, the model's defaults and transforms come.</summary>
internal static class RequestDefaults
{
    // The gateway's own fields, which no upstream is to see.
    private static readonly HashSet<string> Own = ["omni_route", "omni_provider", "omni_metadata", "summary_model"];

    /// <summary>Leaves the gateway's own fields out and puts the model's settings in.</summary>
    public static GenerationRequest Apply(GenerationRequest request, Model? model)
    {
        if (request.Extensions.Any(e => Own.Contains(e.Name)))
        {
            request = request with { Extensions = [.. request.Extensions.Where(e => !Own.Contains(e.Name))] };
        }
        if (model is null)
        {
            return request;
        }
        if (model.SystemPromptPrefix is { } prefix)
        {
            request = request with { Instructions = [new TextPart(prefix), .. request.Instructions] };
        }
        if (model.ReasoningEnabled is { } enabled)
        {
            request = request with
            {
                Reasoning = enabled
                    ? (request.Reasoning ?? new ReasoningSettings()) with { Enabled = true }
                    : new ReasoningSettings { Enabled = false },
            };
        }
        foreach (DefaultParam parameter in model.DefaultParams)
        {
            request = Apply(request, Encoding.UTF8.GetString(parameter.Name).Trim('"'), JsonFields.Parse(parameter.ValueJson));
        }
        return model.MaxOutputTokens is { } most
            ? request with { Sampling = request.Sampling with { MaxOutputTokens = Math.Min(request.Sampling.MaxOutputTokens ?? most, most), OutputCeiling = most } }
            : request;
    }

    private static GenerationRequest Apply(GenerationRequest request, string name, JsonElement value)
    {
        Sampling sampling = request.Sampling;
        double? number = value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
        int? whole = number is { } n && Math.Abs(n) < int.MaxValue ? (int)n : null;
        sampling = name switch
        {
            "temperature" => sampling with { Temperature = sampling.Temperature ?? number },
            "top_p" => sampling with { TopP = sampling.TopP ?? number },
            "top_k" => sampling with { TopK = sampling.TopK ?? whole },
            "max_tokens" or "max_completion_tokens" => sampling with { MaxOutputTokens = sampling.MaxOutputTokens ?? whole },
            "seed" => sampling with { Seed = sampling.Seed ?? whole },
            "frequency_penalty" => sampling with { FrequencyPenalty = sampling.FrequencyPenalty ?? number },
            "presence_penalty" => sampling with { PresencePenalty = sampling.PresencePenalty ?? number },
            _ => sampling,
        };
        if (!ReferenceEquals(sampling, request.Sampling))
        {
            return request with { Sampling = sampling };
        }
        if (name == "reasoning_effort" && request.Reasoning is null && value.ValueKind == JsonValueKind.String)
        {
            return request with { Reasoning = new ReasoningSettings { Effort = ReasoningEfforts.Parse(value.GetString()) } };
        }
        // Declared in Chat's names: on Chat a field like any other, elsewhere reported as lost.
        return request.Extensions.Any(e => e.Name == name)
            ? request
            : request with { Extensions = [.. request.Extensions, new VendorExtension(Wire.OpenAIChat, name, value)] };
    }
}
