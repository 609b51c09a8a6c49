using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.OpenAI.Responses;

/// <summary>Writes a Responses request.</summary>
internal sealed class ResponsesRequestWriter(Utf8JsonWriter writer, ConversionNotes notes)
{
    // OpenAI refuses less.
    private const int LeastOutputTokens = 16;

    public void Write(GenerationRequest request)
    {
        bool own = request.Origin == Wire.OpenAIResponses;
        writer.WriteStartObject();
        writer.WriteString("model"u8, request.Model);
        WriteInstructions(request.Instructions);
        new ResponsesInputWriter(request, writer, notes).WriteAll();
        ResponsesTools.Write(request, writer, notes);
        ResponsesToolChoice.Write(request, writer);
        if (request.ParallelToolCalls is { } parallel && request.Tools.Count > 0)
        {
            writer.WriteBoolean("parallel_tool_calls"u8, parallel);
        }
        ResponsesFormat.Write(request, writer, always: false);
        WriteSampling(request.Sampling);
        ResponsesReasoning.Write(request, writer, notes);
        WriteInclude(request, own);
        WriteText("previous_response_id", request.PreviousResponseId);
        WriteText("user", OpenAIUser.Fit(request.User));
        WriteText("service_tier", request.ServiceTier);
        WriteText("prompt_cache_key", request.CacheKey);
        WriteMetadata(request.Metadata);
        // Answers are kept by default on this wire and on no other: a client of another never asked for it.
        if (request.Store is not null || !own)
        {
            writer.WriteBoolean("store"u8, request.Store ?? false);
        }
        if (request.Stream)
        {
            writer.WriteBoolean("stream"u8, true);
        }
        WriteExtensions(request);
        writer.WriteEndObject();
    }

    private void WriteInstructions(IReadOnlyList<Part> instructions)
    {
        string text = string.Join("\n\n", instructions.OfType<TextPart>().Select(t => t.Text));
        if (text.Length > 0)
        {
            writer.WriteString("instructions"u8, text);
        }
        if (instructions.Any(i => i.Cache is not null))
        {
            notes.Bridge("cache", "Responses finds reusable prefixes by itself.");
        }
        if (instructions.Any(i => i is not TextPart))
        {
            notes.Lose("instructions", "Responses takes instructions as text only.");
        }
    }

    private void WriteSampling(Sampling sampling)
    {
        if (sampling.MaxOutputTokens is { } most)
        {
            if (most < LeastOutputTokens)
            {
                notes.Bridge("max_output_tokens", $"Responses takes no less than {LeastOutputTokens}.");
            }
            writer.WriteNumber("max_output_tokens"u8, Math.Max(most, LeastOutputTokens));
        }
        if (sampling.Temperature is { } temperature)
        {
            writer.WriteNumber("temperature"u8, temperature);
        }
        if (sampling.TopP is { } topP)
        {
            writer.WriteNumber("top_p"u8, topP);
        }
        if (sampling.TopLogprobs is { } top)
        {
            writer.WriteNumber("top_logprobs"u8, top);
        }
        LoseIf(sampling.TopK is not null, "top_k");
        LoseIf(sampling.Stop.Count > 0, "stop");
        LoseIf(sampling.Seed is not null, "seed");
        LoseIf(sampling.FrequencyPenalty is not (null or 0), "frequency_penalty");
        LoseIf(sampling.PresencePenalty is not (null or 0), "presence_penalty");
        LoseIf(sampling.Choices is > 1, "choices");
    }

    private void WriteInclude(GenerationRequest request, bool own)
    {
        if (own)
        {
            // It is among the extensions, as it came.
            return;
        }
        bool logprobs = request.Sampling.Logprobs == true;
        // Asked for so that a client that keeps the conversation itself can send the thoughts back; models without any refuse it.
        bool thoughts = request.Reasoning is { Enabled: not false, Effort: not (null or ReasoningEffort.None) } or { BudgetTokens: > 0 or -1 };
        if (!logprobs && !thoughts)
        {
            return;
        }
        writer.WriteStartArray("include"u8);
        if (thoughts)
        {
            writer.WriteStringValue(ResponsesInclude.EncryptedReasoning);
        }
        if (logprobs)
        {
            writer.WriteStringValue(ResponsesInclude.Logprobs);
        }
        writer.WriteEndArray();
    }

    private void WriteMetadata(IReadOnlyDictionary<string, string> metadata)
    {
        if (metadata.Count == 0)
        {
            return;
        }
        writer.WriteStartObject("metadata"u8);
        foreach ((string name, string value) in metadata)
        {
            writer.WriteString(name, value);
        }
        writer.WriteEndObject();
    }

    private void WriteExtensions(GenerationRequest request)
    {
        const string StreamOptions = "stream_options.";
        List<VendorExtension> others = [];
        List<VendorExtension> stream = [];
        foreach (VendorExtension extension in request.Extensions)
        {
            if (extension.Wire == Wire.OpenAIResponses && extension.Name.StartsWith(StreamOptions, StringComparison.Ordinal))
            {
                stream.Add(extension);
            }
            else if (!ResponsesFormat.IsInText(extension) && !ResponsesReasoning.IsInReasoning(extension))
            {
                others.Add(extension);
            }
        }
        if (stream.Count > 0)
        {
            writer.WriteStartObject("stream_options"u8);
            foreach (VendorExtension option in stream)
            {
                writer.WritePropertyName(option.Name[StreamOptions.Length..]);
                option.Value.WriteTo(writer);
            }
            writer.WriteEndObject();
        }
        VendorExtension.WriteAll(others, Wire.OpenAIResponses, writer, notes);
    }

    private void LoseIf(bool asked, string what)
    {
        if (asked)
        {
            notes.Lose(what, $"Responses has no {what}.");
        }
    }

    private void WriteText(string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }
}
