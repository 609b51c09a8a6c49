using System.Text.Json.Nodes;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Core.Failover.Translated;

/// <summary>Asks an upstream to go on with an answer that another one began; explained in <c>docs/routing.md</c>.</summary>
internal static class Prefill
{
    /// <summary>As the provider's setting <c>prefill</c> says, else as its kind and profile are known for.</summary>
    public static PrefillStyle StyleOf(Backend backend) =>
        backend.Provider.Settings.TryGetValue("prefill", out string? setting) ? StyleOf(setting) : backend.Provider.Kind switch
        {
            ProviderKind.Anthropic => PrefillStyle.LastMessage,
            // Of the models there only these two families take it (docs.aws.amazon.com, "Prefilling the assistant's response").
            ProviderKind.Bedrock when Names(backend, "anthropic") || Names(backend, "nova") => PrefillStyle.LastMessage,
            ProviderKind.OpenAICompatible => backend.Provider.Profile?.Prefill is { } style ? StyleOf(style) : PrefillStyle.None,
            _ => PrefillStyle.None,
        };

    /// <summary>The request that goes on with the answer so far. Thoughts are not asked for again: they go with a beginning, and some refuse both.</summary>
    public static GenerationRequest Continue(GenerationRequest request, ResumableAnswer answer, PrefillStyle style)
    {
        int? most = request.Sampling.MaxOutputTokens is { } asked ? (int)Math.Max(1, asked - answer.Tokens) : null;
        return request with
        {
            Messages = [.. request.Messages, new Message(Role.Assistant, [new TextPart(answer.Prefill(style))])],
            Sampling = request.Sampling with { MaxOutputTokens = most },
            Reasoning = null,
        };
    }

    /// <summary>The body with the mark that its last turn is to be gone on with.</summary>
    public static ReadOnlyMemory<byte> Mark(ReadOnlyMemory<byte> body, PrefillStyle style)
    {
        if (style is not (PrefillStyle.Prefix or PrefillStyle.ContinueFinalMessage))
        {
            return body;
        }
        JsonObject request = JsonNode.Parse(body.Span)!.AsObject();
        if (style == PrefillStyle.Prefix)
        {
            JsonArray messages = request["messages"]!.AsArray();
            messages[messages.Count - 1]!["prefix"] = true;
        }
        else
        {
            request["add_generation_prompt"] = false;
            request["continue_final_message"] = true;
        }
        return System.Text.Encoding.UTF8.GetBytes(request.ToJsonString());
    }

    private static bool Names(Backend backend, string family) => backend.UpstreamModel.Contains(family, StringComparison.OrdinalIgnoreCase);

    private static PrefillStyle StyleOf(string name) => name switch
    {
        "last_message" => PrefillStyle.LastMessage,
        "prefix" => PrefillStyle.Prefix,
        "continue_final_message" => PrefillStyle.ContinueFinalMessage,
        _ => PrefillStyle.None,
    };
}
