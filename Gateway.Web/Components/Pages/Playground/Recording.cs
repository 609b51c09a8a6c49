using System.Text;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Streaming;
using Gateway.Core.Replay;
using Gateway.Providers;

namespace Gateway.Web.Components.Pages.Playground;

/// <summary>A recorded exchange that is to be asked again, of any model: what was asked, and what was answered then.</summary>
/// <param name="Question">What the user said last.</param>
/// <param name="Answer">The text of the recorded answer, or what stood in its place.</param>
internal sealed record Recording(string Question, string Answer, GenerationRequest Request)
{
    /// <exception cref="JsonException">It is not a fixture, or not JSON in one; the message says what is wrong.</exception>
    /// <exception cref="GenerationFormatException">It is no exchange of a wire that the gateway knows.</exception>
    public static Recording Read(string json)
    {
        ReplayFixture fixture = ReplayFixtureJson.Read(json);
        string path = fixture.Request.Path.Split('?')[0];
        IGenerationCodec codec = ProviderRegistry.Codecs.FirstOrDefault(c => c.Wire == WireOf(path))
            ?? throw new GenerationFormatException($"Only exchanges that generate text can be replayed; {path} is of another kind.");
        if (fixture.Request.Body.Json.ValueKind != JsonValueKind.Object)
        {
            throw new GenerationFormatException("The recorded request has no JSON body.");
        }
        GenerationRequest request = codec.ReadRequest(fixture.Request.Body.Json, new RequestLine("", null), new ConversionNotes());
        TextPart? question = request.Messages.LastOrDefault(m => m.Role == Role.User)?.Parts.OfType<TextPart>().LastOrDefault();
        return new Recording(question?.Text ?? fixture.Name, AnswerOf(fixture.Response, codec), request);
    }

    /// <summary>The request as the playground sends it; raw forms of other wires stay behind.</summary>
    public GenerationRequest ToRequest(string model, bool stream) => Request with { Model = model, Stream = stream };

    private static Wire? WireOf(string path) => path switch
    {
        _ when path.EndsWith("/chat/completions", StringComparison.Ordinal) => Wire.OpenAIChat,
        _ when path.EndsWith("/responses", StringComparison.Ordinal) => Wire.OpenAIResponses,
        _ when path.EndsWith("/messages", StringComparison.Ordinal) => Wire.AnthropicMessages,
        _ when path.EndsWith("enerateContent", StringComparison.Ordinal) => Wire.Gemini,
        _ when path.EndsWith("/converse", StringComparison.Ordinal) || path.EndsWith("/converse-stream", StringComparison.Ordinal) => Wire.BedrockConverse,
        _ when path.EndsWith("/v2/chat", StringComparison.Ordinal) => Wire.CohereChat,
        _ => null,
    };

    private static string AnswerOf(TransportResponse response, IGenerationCodec codec)
    {
        if (response.Status >= 400)
        {
            return $"An error with the status {response.Status}.";
        }
        if (response.Body.Json.ValueKind != JsonValueKind.Undefined)
        {
            return codec.ReadResponse(response.Body.Json, new ConversionNotes()).ContentText;
        }
        return response.Body.Text is { } text ? Collect(Encoding.UTF8.GetBytes(text), codec) : "";
    }

    private static string Collect(ReadOnlySpan<byte> stream, IGenerationCodec codec)
    {
        StreamFraming framing = codec.CreateFraming();
        StreamDecoder decoder = codec.CreateDecoder(new ConversionNotes());
        List<StreamEvent> events = [];
        while (framing.TryRead(stream, end: true, out StreamFrame frame))
        {
            if (!frame.Data.IsEmpty)
            {
                decoder.Read(frame.EventName, frame.Data, events);
            }
            stream = stream[frame.Length..];
        }
        decoder.Complete(events);
        var collector = new StreamCollector(codec.Wire);
        events.ForEach(e => collector.Add(e));
        return collector.ToResponse().ContentText;
    }
}
