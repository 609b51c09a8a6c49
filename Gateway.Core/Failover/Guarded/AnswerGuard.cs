using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Guardrails;

namespace Gateway.Core.Failover.Guarded;

/// <summary>Withholds a whole answer that holds a banned word: the client is told so, and what it cost is booked.</summary>
internal static class AnswerGuard
{
    private static readonly GatewayError Withheld = new(
        GatewayErrorKind.ContentFiltered, "The answer holds something that this gateway does not pass on. Asking again may cost as much again.");

    /// <summary>Whether the answer, on the client's wire, holds a word.</summary>
    public static bool Finds(BannedWords words, Call call, ReadOnlySpan<byte> answer)
    {
        var watch = new AnswerWatch(words);
        AnswerText.Read(call.Envelope.Operation, JsonFields.Parse(answer), watch);
        watch.End();
        return watch.Found;
    }

    /// <summary>Whether the answer holds a word.</summary>
    public static bool Finds(BannedWords words, GenerationResponse answer)
    {
        foreach (Candidate candidate in answer.Candidates)
        {
            var watch = new AnswerWatch(words);
            for (int i = 0; i < candidate.Parts.Count; i++)
            {
                watch.Read(0, i, candidate.Parts[i] switch
                {
                    TextPart text => text.Text,
                    ReasoningPart thought => thought.Text,
                    RefusalPart refusal => refusal.Text,
                    MediaPart media => media.Transcript,
                    _ => null,
                });
            }
            watch.End();
            if (watch.Found)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Answers with an error instead; the attempt itself went well.</summary>
    public static async ValueTask<GatewayError?> WithholdAsync(Call call, AttemptScope attempt)
    {
        call.CutShort(whole: true);
        attempt.Complete(null);
        call.Record.ResponseBytes = call.Exchange.SizeOf(Withheld);
        if (!await call.SettleAsync(call, Withheld.StatusCode, Withheld))
        {
            return UpstreamErrors.NotRecorded;
        }
        await call.Exchange.WriteErrorAsync(Withheld, call.Admission.Decision);
        return null;
    }
}
