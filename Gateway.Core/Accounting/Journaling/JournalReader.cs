using System.Diagnostics.CodeAnalysis;

namespace Gateway.Core.Accounting.Journaling;

/// <summary>
/// Reads a journal's records in the order in which they were begun, from a position on, while others append. Not safe for
/// concurrent use; open as many as there are readers.
/// </summary>
public sealed class JournalReader : IDisposable
{
    private readonly string _directory;
    private readonly long _firstLiveSegment;
    private readonly Action<JournalReader>? _closed;
    private readonly List<JournalPosition> _damage = [];
    private SegmentView? _view;
    private long _heldSegment;
    private JournalPosition _position;

    /// <param name="closed">Told when the reader is disposed.</param>
    internal JournalReader(string directory, JournalPosition from, long firstLiveSegment, Action<JournalReader>? closed = null)
    {
        _closed = closed;
        _heldSegment = from.Segment;
        _directory = directory;
        _position = from;
        _firstLiveSegment = firstLiveSegment;
    }

    /// <summary>After the last record read: everything before it has been handed out.</summary>
    public JournalPosition Position => _position;

    /// <summary>Entries passed over because their writer died while copying them (their calls had not been answered) or their bytes are damaged.</summary>
    public long Torn { get; private set; }

    /// <summary>
    /// Where something was passed over that somebody had finished writing, the first such place of each segment: records may be lost
    /// there. Offset 0 is a whole file that is no segment of this version.
    /// </summary>
    public IReadOnlyList<JournalPosition> Damage => _damage;

    /// <summary>Whole entries passed over because a later version wrote them in a form that this one does not know.</summary>
    public long Unknown { get; private set; }

    /// <summary>True when <see cref="Position"/> lay in a segment that had been deleted: what followed there was already drained.</summary>
    public bool Skipped { get; private set; }

    /// <summary>Opens a directory that no process is writing to.</summary>
    public static JournalReader Open(string directory, JournalPosition from) => new(directory, from, long.MaxValue);

    /// <summary>
    /// Goes on from another position. A reader opened at the start, moved to a position that was looked up after that, misses
    /// nothing: whatever lay behind the position could not be deleted in between.
    /// </summary>
    public void MoveTo(JournalPosition position)
    {
        _view?.Dispose();
        _view = null;
        _position = position;
        Volatile.Write(ref _heldSegment, position.Segment);
    }

    /// <summary>The next record; false when there is none yet.</summary>
    public bool TryRead([NotNullWhen(true)] out UsageRecord? record)
    {
        while (true)
        {
            if (_view is null && !TryOpen())
            {
                record = null;
                return false;
            }
            Step step = ReadEntry(_view!, out record);
            if (record is not null)
            {
                return true;
            }
            if (step == Step.Wait || (step == Step.End && !TryMoveOn()))
            {
                return false;
            }
        }
    }

    /// <summary>Segments from this one on are still to be read. Safe to ask from any thread.</summary>
    internal long HeldSegment => Volatile.Read(ref _heldSegment);

    public void Dispose()
    {
        _view?.Dispose();
        _view = null;
        _closed?.Invoke(this);
    }

    private Step ReadEntry(SegmentView view, out UsageRecord? record)
    {
        record = null;
        bool live = view.Number >= _firstLiveSegment;
        int offset = _position.Offset;
        ulong header = view.Header(offset);
        int length = JournalEntry.Length(header);
        if (header == JournalEntry.Sealed)
        {
            return Step.End;
        }
        if (live && (header == 0 || JournalEntry.IsClaim(header)))
        {
            return Step.Wait;
        }
        if (header == 0 && view.IsZeroFrom(offset))
        {
            return Step.End;
        }
        int next = offset + JournalEntry.Size(length);
        if (!view.IsWhole(offset))
        {
            Torn++;
            if (!JournalEntry.IsClaim(header) || !view.Holds(offset, length))
            {
                NoteDamage(_position);
                // Where nobody writes any more the length is not believed either: what comes after is looked for.
                next = live && view.Holds(offset, length) ? next : view.NextWhole(offset);
            }
        }
        else if (!UsageRecordCodec.TryDecode(view.Payload(offset, length), out record))
        {
            Unknown++;
        }
        _position = _position with { Offset = next };
        return Step.Entry;
    }

    private bool TryOpen()
    {
        foreach (long number in SegmentFile.List(_directory))
        {
            if (number >= _position.Segment && Open(number) is { } view)
            {
                if (number > _position.Segment)
                {
                    Skipped |= _position != JournalPosition.Start;
                    _position = new JournalPosition(number, SegmentFile.HeaderBytes);
                }
                else if (_position.Offset < SegmentFile.HeaderBytes)
                {
                    _position = _position with { Offset = SegmentFile.HeaderBytes };
                }
                _view = view;
                Volatile.Write(ref _heldSegment, number);
                return true;
            }
        }
        return false;
    }

    /// <summary>False when the next segment does not exist yet: then the position stays at the end of this one.</summary>
    private bool TryMoveOn()
    {
        long current = _view!.Number;
        foreach (long number in SegmentFile.List(_directory))
        {
            if (number > current && Open(number) is { } next)
            {
                _view.Dispose();
                _view = next;
                _position = new JournalPosition(number, SegmentFile.HeaderBytes);
                Volatile.Write(ref _heldSegment, number);
                return true;
            }
        }
        return false;
    }

    private SegmentView? Open(long number)
    {
        SegmentView? view = SegmentView.Open(_directory, number);
        // Deleted meanwhile it was read to its end.
        if (view is null && File.Exists(SegmentFile.PathOf(_directory, number)))
        {
            NoteDamage(new JournalPosition(number, 0));
        }
        return view;
    }

    private void NoteDamage(JournalPosition place)
    {
        if (!_damage.Exists(d => d.Segment == place.Segment))
        {
            _damage.Add(place);
        }
    }

    private enum Step
    {
        Entry,
        Wait,
        End,
    }
}
