using Gateway.Core.Failover.Translated;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Streaming;
using Gateway.Core.Guardrails;

namespace Gateway.Core.Failover.Guarded;

/// <summary>As <see cref="FrameGuard"/>, of a stream that is translated.</summary>
internal sealed class EventGuard(AnswerWatch watch)
{
    private readonly Queue<(StreamEvent Event, long End)> _held = [];
    private readonly List<StreamEvent> _open = [];
    private readonly OpenChoices _choices = new();

    /// <summary>There was a word: nothing more is let go, and nothing more is to be read.</summary>
    public bool Found => watch.Found;

    /// <param name="resumed">What the client has already of an answer that is gone on with.</param>
    public static EventGuard? Of(Call call, ResumableAnswer? resumed)
    {
        if (call.Options.Guardrails?.Answers is not { } words)
        {
            return null;
        }
        var guard = new EventGuard(new AnswerWatch(words));
        if (resumed is { OpenPart: >= 0 and var part })
        {
            // What comes next may go on in the middle of a word.
            guard.Take(new StreamEvent(StreamEventKind.PartStart) { Part = part, PartKind = PartKind.Text });
            guard.Take(new StreamEvent(StreamEventKind.Delta) { Part = part, PartKind = PartKind.Text, Text = resumed.Prefill(PrefillStyle.None) });
            while (guard.TryTake(out _))
            {
            }
        }
        return guard;
    }

    public void Take(in StreamEvent next)
    {
        switch (next.Kind)
        {
            case StreamEventKind.PartStart:
                watch.Read(next.Choice, next.Part, default);
                break;
            case StreamEventKind.Delta when next.PartKind != PartKind.ToolCall:
                watch.Read(next.Choice, next.Part, next.Text);
                break;
            case StreamEventKind.PartEnd or StreamEventKind.Finish:
                watch.End(next.Choice);
                break;
        }
        _held.Enqueue((next, watch.Position));
    }

    /// <summary>The answer is whole.</summary>
    public void End() => watch.End();

    /// <summary>The next event that may go.</summary>
    public bool TryTake(out StreamEvent next)
    {
        next = default;
        if (!_held.TryPeek(out (StreamEvent Event, long End) first) || first.End > watch.SafeUpTo)
        {
            return false;
        }
        next = _held.Dequeue().Event;
        Note(next);
        return true;
    }

    /// <summary>What ends the answer after the events that were let go: every part, then every choice.</summary>
    public IEnumerable<StreamEvent> Ending()
    {
        foreach (StreamEvent part in _open)
        {
            yield return new StreamEvent(StreamEventKind.PartEnd) { Choice = part.Choice, Part = part.Part, PartKind = part.PartKind };
        }
        foreach (int choice in _choices.Open)
        {
            yield return new StreamEvent(StreamEventKind.Finish) { Choice = choice, Finish = FinishReason.ContentFilter };
        }
    }

    private void Note(StreamEvent next)
    {
        switch (next.Kind)
        {
            case StreamEventKind.PartStart:
                _open.Add(next);
                _choices.Note(next.Choice, ended: false);
                break;
            case StreamEventKind.PartEnd:
                _open.RemoveAll(p => p.Choice == next.Choice && p.Part == next.Part);
                break;
            case StreamEventKind.Finish:
                _choices.Note(next.Choice, ended: true);
                break;
        }
    }
}
