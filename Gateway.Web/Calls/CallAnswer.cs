using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Gateway.Core;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Streaming;

namespace Gateway.Web.Calls;

/// <summary>One event of an answer; a whole answer is one event.</summary>
/// <param name="Name">The event's name on the wire; empty for none.</param>
/// <param name="Data">As it came.</param>
/// <param name="Events">What it says, in no vendor's words.</param>
/// <param name="Error">What the gateway says instead of an answer, or in the middle of one; null otherwise.</param>
internal sealed record CallEvent(string Name, string Data, IReadOnlyList<StreamEvent> Events, string? Error);

/// <summary>Reads an in-process call's answer the way a client of its wire would, whole or streamed.</summary>
internal static class CallAnswer
{
    private const string Unreadable = "The answer is not of the wire that was asked in.";

    /// <exception cref="IOException">The answer broke off.</exception>
    public static async IAsyncEnumerable<CallEvent> ReadAsync(
        InProcessCall call, IGenerationCodec codec, bool streamed, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int status = await call.Status.WaitAsync(cancellationToken);
        if (status >= 400 || !streamed)
        {
            await using Stream body = call.Body.AsStream();
            using var whole = new MemoryStream();
            await body.CopyToAsync(whole, cancellationToken);
            yield return Whole(whole.GetBuffer().AsMemory(0, (int)whole.Length), codec, status >= 400);
            yield break;
        }
        StreamFraming framing = codec.CreateFraming();
        StreamDecoder decoder = codec.CreateDecoder(new ConversionNotes());
        List<CallEvent> found = [];
        while (true)
        {
            ReadResult read = await call.Body.ReadAsync(cancellationToken);
            long taken = Take(read, framing, decoder, found);
            call.Body.AdvanceTo(read.Buffer.GetPosition(taken), read.Buffer.End);
            foreach (CallEvent next in found)
            {
                yield return next;
            }
            found.Clear();
            if (read.IsCompleted)
            {
                break;
            }
        }
        await call.Body.CompleteAsync();
        List<StreamEvent> last = [];
        decoder.Complete(last);
        if (last.Count > 0)
        {
            yield return new CallEvent("", "", last, null);
        }
    }

    /// <summary>The message of an error's body, whichever wire's it is; null if it is none.</summary>
    public static string? ErrorOf(JsonElement json) =>
        json.Has("error", out JsonElement error) ? error.Text("message") ?? "The gateway answered with an error." : null;

    private static long Take(ReadResult read, StreamFraming framing, StreamDecoder decoder, List<CallEvent> found)
    {
        ReadOnlySpan<byte> bytes = read.Buffer.IsSingleSegment ? read.Buffer.FirstSpan : read.Buffer.ToArray();
        int at = 0;
        while (framing.TryRead(bytes[at..], read.IsCompleted, out StreamFrame frame))
        {
            if (!frame.Data.IsEmpty)
            {
                found.Add(Event(frame, decoder));
            }
            at += frame.Length;
        }
        return at;
    }

    private static CallEvent Event(in StreamFrame frame, StreamDecoder decoder)
    {
        string name = Encoding.UTF8.GetString(frame.EventName);
        string data = Encoding.UTF8.GetString(frame.Data);
        // The gateway's own errors within a process have one shape, whatever the wire.
        if (data.Contains("\"error\"", StringComparison.Ordinal) && ErrorOf(JsonFields.TryParse(data)) is { } error)
        {
            return new CallEvent(name, data, [], error);
        }
        List<StreamEvent> events = [];
        try
        {
            decoder.Read(frame.EventName, frame.Data, events);
            return new CallEvent(name, data, events, null);
        }
        catch (Exception e) when (e is GenerationFormatException or JsonException)
        {
            return new CallEvent(name, data, events, Unreadable);
        }
    }

    private static CallEvent Whole(ReadOnlyMemory<byte> body, IGenerationCodec codec, bool failed)
    {
        string text = Encoding.UTF8.GetString(body.Span);
        try
        {
            JsonElement json = JsonFields.Parse(body.Span);
            return failed || ErrorOf(json) is not null
                ? new CallEvent("", text, [], ErrorOf(json) ?? "The gateway answered with an error.")
                : new CallEvent("", text, [.. StreamReplay.Of(codec.ReadResponse(json, new ConversionNotes()))], null);
        }
        catch (Exception e) when (e is GenerationFormatException or JsonException)
        {
            return new CallEvent("", text, [], Unreadable);
        }
    }
}
