using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Streaming;
using Gateway.Core.Limits;
using Gateway.Providers;

namespace Gateway.Web.Calls.Summaries;

/// <summary>
/// Answers a chat request in a strict order: a summary of the question, a summary of the model's thoughts, then the answer as it
/// comes. Three calls of the same key make it, each with its own place in limits and books: (A) the question's summary and (B) the
/// answer begin together; (C) the summary of the thoughts follows when they are complete. What B says meanwhile waits for its turn.
/// A summary that fails is replaced by its text's first sentences, and never costs the answer.
/// </summary>
internal sealed class OrderedSummary(GatewayPipeline pipeline, Func<SummarySettings> settings, TimeProvider time)
{
    private const int MostFallback = 280;

    private static readonly IGenerationCodec Chat = ProviderRegistry.Codecs.First(c => c.Wire == Wire.OpenAIChat);

    /// <summary>The events in their order. The first may be <see cref="SummaryEvent.Refused"/>, and then is the only one.</summary>
    /// <param name="id">The request id of all three calls.</param>
    /// <param name="trace">What all three are part of.</param>
    /// <param name="cancellation">Ends the calls at once.</param>
    /// <param name="begun">Told of each call as it begins, of the answer's first.</param>
    public async IAsyncEnumerable<SummaryEvent> RunAsync(
        ApiKey key, SummaryRequest request, string id, TraceContext trace, [EnumeratorCancellation] CancellationToken cancellation, Action<InProcessCall>? begun = null)
    {
        SummarySettings chosen = settings();
        string model = request.SummaryModel ?? chosen.Model ?? request.Model;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        // Also when whoever listens has left in the middle.
        using var end = new Disposal(ended.Cancel);

        InProcessCall output = Start(key, request.ToOutput(id), id, trace, begun, ended.Token);
        Task<SummaryText> question = SummariseAsync(key, request.ToQuestionSummary(model, id), request.Question, id, trace, begun, chosen.Timeout, ended.Token);
        if (await Task.WhenAny(question, output.Status) == question && (await question).IsRefused)
        {
            // What was refused to the one is most likely refused to the other, and the answer's status is still to be chosen.
            await output.Status.WaitAsync(cancellation);
        }
        if (output.Status.IsCompletedSuccessfully && output.Refusal is { } refusal)
        {
            yield return new SummaryEvent(SummaryEvent.Refused, refusal.Message) { Refusal = refusal, Limits = output.Limits };
            yield break;
        }

        Channel<OutputPiece> pieces = Channel.CreateUnbounded<OutputPiece>(new() { SingleReader = true, SingleWriter = true });
        Task reading = ReadOutputAsync(output, chosen, pieces.Writer, ended.Token);
        SummaryText asked = await question;
        LimitDecision limits = output.Status.IsCompletedSuccessfully ? asked.Limits.Tighter(output.Limits) : asked.Limits;
        foreach (SummaryEvent next in asked.ToEvents(SummaryEvent.Prompt))
        {
            yield return next with { Limits = limits };
        }

        var reasoning = new StringBuilder();
        OutputPiece? first = null;
        while (first is null && await pieces.Reader.WaitToReadAsync(cancellation))
        {
            while (first is null && pieces.Reader.TryRead(out OutputPiece piece))
            {
                reasoning.Append(piece.Reasoning);
                first = piece.Output.Length > 0 || piece.Error is not null ? piece : null;
            }
        }
        string thoughts = reasoning.ToString().Trim();
        thoughts = thoughts.Length > chosen.MaxReasoningChars ? thoughts[..chosen.MaxReasoningChars] : thoughts;
        SummaryText thought = thoughts.Length == 0
            ? new SummaryText("", null, default)
            : await SummariseAsync(key, request.ToReasoningSummary(model, thoughts, id), thoughts, id, trace, begun, chosen.Timeout, ended.Token);
        foreach (SummaryEvent next in thought.ToEvents(SummaryEvent.Reasoning))
        {
            yield return next;
        }

        var said = new StringBuilder();
        for (OutputPiece? piece = first; piece is { } next;)
        {
            if (next.Output.Length > 0)
            {
                said.Append(next.Output);
                yield return new SummaryEvent(SummaryEvent.Delta, next.Output);
            }
            if (next.Error is not null)
            {
                yield return new SummaryEvent(SummaryEvent.Error, next.Error) { Partial = said.ToString() };
                yield break;
            }
            piece = await pieces.Reader.WaitToReadAsync(cancellation) && pieces.Reader.TryRead(out OutputPiece more) ? more : null;
        }
        await reading;
        yield return new SummaryEvent(SummaryEvent.Done, said.ToString());
    }

    private InProcessCall Start(ApiKey key, byte[] body, string id, in TraceContext trace, Action<InProcessCall>? begun, CancellationToken cancellation)
    {
        var call = InProcessCall.Start(pipeline, key, Operation.ChatCompletions, body, cancellation, trace: trace, requestId: id);
        begun?.Invoke(call);
        return call;
    }

    private async Task<SummaryText> SummariseAsync(
        ApiKey key, byte[] body, string text, string id, TraceContext trace, Action<InProcessCall>? begun, TimeSpan timeout, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(timeout, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        string summary = "";
        string? error = null;
        InProcessCall call = Start(key, body, id, trace, begun, stop.Token);
        try
        {
            await foreach (CallEvent next in CallAnswer.ReadAsync(call, Chat, streamed: false, stop.Token))
            {
                error = next.Error ?? error;
                summary += string.Concat(next.Events.Where(IsText).Select(e => e.Text));
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            error = "The summary took too long.";
        }
        catch (IOException)
        {
            error = "The summary broke off.";
        }
        LimitDecision limits = call.Status.IsCompletedSuccessfully ? call.Limits : default;
        return summary.Trim() is { Length: > 0 } made && error is null
            ? new SummaryText(made, null, limits)
            : new SummaryText(FirstSentences(text), error ?? "The summary was empty.", limits) { IsRefused = call.Status.IsCompletedSuccessfully && call.Refusal is not null };
    }

    /// <summary>Tells thoughts from answer; ends the channel in any case.</summary>
    private static async Task ReadOutputAsync(InProcessCall call, SummarySettings settings, ChannelWriter<OutputPiece> pieces, CancellationToken cancellation)
    {
        var tags = new TagParser();
        // Parts are numbered in the order in which they begin; deltas name the number only.
        var thinking = new HashSet<int>();
        string? error = null;
        bool whole = false;
        try
        {
            await foreach (CallEvent next in CallAnswer.ReadAsync(call, Chat, streamed: true, cancellation))
            {
                error ??= next.Error;
                foreach (StreamEvent e in next.Events)
                {
                    whole |= e.Kind == StreamEventKind.End;
                    if (e.Kind == StreamEventKind.PartStart && e.PartKind == PartKind.Reasoning)
                    {
                        thinking.Add(e.Part);
                    }
                    else if (e.Kind == StreamEventKind.Delta && e.Choice == 0 && e.Text is { Length: > 0 } text)
                    {
                        if (!thinking.Contains(e.Part))
                        {
                            (string Reasoning, string Output) = tags.Add(text);
                            pieces.TryWrite(new OutputPiece(Reasoning, Output, null));
                        }
                        else if (settings.ParseReasoning)
                        {
                            pieces.TryWrite(new OutputPiece(text, "", null));
                        }
                    }
                }
            }
            (string rest, string last) = tags.End();
            pieces.TryWrite(new OutputPiece(rest, last, null));
            error ??= whole ? null : "The answer broke off.";
        }
        catch (OperationCanceledException)
        {
            error = "The call was ended.";
        }
        catch (IOException)
        {
            error ??= "The answer broke off.";
        }
        finally
        {
            if (error is not null)
            {
                pieces.TryWrite(new OutputPiece("", "", error));
            }
            pieces.Complete();
        }
    }

    private static bool IsText(StreamEvent e) => e is { Kind: StreamEventKind.Delta, Choice: 0, PartKind: PartKind.Text };

    /// <summary>What stands for a summary that could not be made.</summary>
    internal static string FirstSentences(string text)
    {
        string start = text.Trim();
        if (start.Length <= MostFallback)
        {
            return start;
        }
        int end = start.LastIndexOfAny(['.', '!', '?', '\n'], MostFallback - 1);
        return end > MostFallback / 4 ? start[..(end + 1)].TrimEnd() : start[..MostFallback].TrimEnd() + "…";
    }

    private readonly record struct OutputPiece(string Reasoning, string Output, string? Error);

    /// <param name="Error">Why the text is not a summary; null if it is one.</param>
    /// <param name="Limits">What its call said of the key's limits; empty where it said nothing.</param>
    private sealed record SummaryText(string Text, string? Error, LimitDecision Limits)
    {
        /// <summary>Its call failed before anything was said.</summary>
        public bool IsRefused { get; init; }

        public IEnumerable<SummaryEvent> ToEvents(string name) =>
            Error is null ? [new SummaryEvent(name, Text)] : [new SummaryEvent(name, Text), new SummaryEvent(SummaryEvent.Error, $"{name}: {Error}")];
    }

    private sealed class Disposal(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
