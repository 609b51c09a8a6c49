using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Providers;
using Gateway.Tests.Corpus;

namespace Gateway.Tests.Transcoding;

/// <summary>The recordings of each wire that can be translated.</summary>
internal static class RecordedWire
{
    private static readonly (Wire Wire, string File)[] Files =
    [
        (Wire.OpenAIChat, "openai.chat"),
        (Wire.OpenAIResponses, "openai.responses"),
        (Wire.AnthropicMessages, "anthropic.messages"),
        (Wire.Gemini, "gemini.generateContent"),
        (Wire.BedrockConverse, "bedrock.converse"),
        (Wire.CohereChat, "cohere.chat"),
    ];

    /// <summary>Wires that have a codec.</summary>
    public static IEnumerable<Wire> All => Files.Select(f => f.Wire).Where(w => ProviderRegistry.Codecs.Any(c => c.Wire == w));

    public static IGenerationCodec Codec(Wire wire) => ProviderRegistry.Codecs.Single(c => c.Wire == wire);

    /// <summary>All exchanges of a wire, answers without a request included.</summary>
    public static IEnumerable<RecordedExchange> Read(Wire wire)
    {
        string file = Files.Single(f => f.Wire == wire).File;
        return RecordedExchange.Read(file).Concat(RecordedExchange.Read("response-only").Where(e => e.Wire == file))
            // Cohere's first version is another wire.
            .Where(e => wire != Wire.CohereChat || e.Path.Contains("/v2/", StringComparison.Ordinal))
            // A Chat answer that was filed under Responses.
            .Where(e => wire != Wire.OpenAIResponses || e.Id != "ai-d970bb1deb85-0");
    }

    /// <summary>Those whose answer is whole and no error.</summary>
    public static IEnumerable<RecordedExchange> Answers(Wire wire, bool stream) =>
        Read(wire).Where(e => e.Status is >= 200 and < 300 && e.Stream == stream && !e.Tags.Any(t => t.StartsWith("error", StringComparison.Ordinal) || t == "truncated"));

    public static RequestLine LineOf(RecordedExchange exchange) => new(exchange.Model ?? "model", exchange.Stream);
}
