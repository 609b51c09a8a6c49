using System.Text;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;

namespace Gateway.Web.Components.Pages.Playground;

/// <summary>An event of an answer, and when it came.</summary>
public sealed record TimedEvent(TimeSpan At, string Name, string Data);

/// <summary>A question, or the results of tools, and what became of it.</summary>
public sealed class ChatTurn(string question)
{
    private const int MostEvents = 5000;
    private const int MostRaw = 1_000_000;

    private readonly StringBuilder _raw = new();
    private Message? _message;
    private Func<Message?>? _fresh;

    public string Question { get; } = question;

    /// <summary>As data URLs.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];

    /// <summary>How many of a kept conversation's images were too large to keep.</summary>
    public int ImagesLeftOut { get; init; }

    /// <summary>What tools gave back, instead of a question.</summary>
    public IReadOnlyList<ToolResultPart> Results { get; init; } = [];

    /// <summary>What was answered when the question was recorded; null for a question of now.</summary>
    public string? Recorded { get; init; }

    /// <summary>JSON schema that the answer is to have; empty for none.</summary>
    public string Schema { get; init; } = "";

    /// <summary>The answer so far, as the next request repeats it.</summary>
    public Message? Message
    {
        get
        {
            if (_fresh is { } make)
            {
                _fresh = null;
                _message = make() ?? _message;
            }
            return _message;
        }
        set => (_message, _fresh) = (value, null);
    }

    /// <summary>The summaries that came before the answer; null in the usual mode.</summary>
    public SummaryTexts? Summaries { get; set; }

    /// <summary>What the gateway said instead of an answer, or in the middle of one.</summary>
    public string? Error { get; set; }
    public bool Running { get; set; } = true;
    public bool Stopped { get; set; }

    /// <summary>The call's entry in the books; null while it runs.</summary>
    public UsageRecord? Record { get; set; }

    /// <summary>Of the ordered mode, the entries of the calls that made the summaries.</summary>
    public IReadOnlyList<UsageRecord> SummaryRecords { get; set; } = [];

    /// <summary>Of the ordered mode, when the answer's first words were shown; its own call had them before.</summary>
    public TimeSpan? FirstTokenAt { get; set; }

    /// <summary>Of the ordered mode, how long all of it took.</summary>
    public TimeSpan? Took { get; set; }

    /// <summary>Of all calls that the turn took; null where one is not known.</summary>
    public NanoUsd? Cost => SummaryRecords.Prepend(Record).Aggregate((NanoUsd?)NanoUsd.Zero, (sum, r) => sum is { } known && r?.Cost is { } cost ? new NanoUsd(known.Value + cost.Value) : null);

    /// <summary>The entry's id, also of a conversation that was reopened.</summary>
    public Guid? RecordId { get; set; }
    public WireRequest? Request { get; set; }

    /// <summary>The wire of the backend that answered; null before it is known.</summary>
    public Wire? BackendWire { get; set; }

    /// <summary>What the translation to that wire bridged and lost.</summary>
    public IReadOnlyList<ConversionReason> BackendNotes { get; set; } = [];
    public List<TimedEvent> Events { get; } = [];

    /// <summary>Events that came after the list was full.</summary>
    public int EventsLeftOut { get; private set; }
    public string RawAnswer => _raw.ToString();

    public string Answer => Text<TextPart>(p => p.Text) + Text<RefusalPart>(p => p.Text);
    public string Reasoning => Text<ReasoningPart>(p => p.Text);
    public IReadOnlyList<ToolCallPart> Calls => [.. Parts.OfType<ToolCallPart>()];
    public IReadOnlyList<MediaPart> Media => [.. Parts.OfType<MediaPart>()];

    private IReadOnlyList<Part> Parts => Message?.Parts ?? [];

    /// <summary>There is more of the answer; it is put together when someone looks, not for each token.</summary>
    public void Grow(Func<Message?> message) => _fresh = message;

    public void Note(TimeSpan at, string name, string data)
    {
        if (Events.Count < MostEvents)
        {
            Events.Add(new TimedEvent(at, name, LongData.Shorten(data)));
        }
        else
        {
            EventsLeftOut++;
        }
        if (_raw.Length < MostRaw)
        {
            _raw.Append(name.Length > 0 ? $"event: {name}\n" : "").Append(Request is { Stream: true } ? $"data: {data}\n\n" : data);
        }
    }

    /// <summary>The question, or the results, as a message.</summary>
    public Message ToMessage() => Results.Count > 0
        ? new Message(Role.Tool, [.. Results])
        : new Message(Role.User, [.. Images.Select(i => new MediaPart(MediaKind.Image, MediaSource.OfUrl(i))), .. Question.Length > 0 ? (Part[])[new TextPart(Question)] : []]);

    private string Text<T>(Func<T, string> text)
        where T : Part => string.Concat(Parts.OfType<T>().Select(text));
}

/// <summary>What came before an answer in the ordered mode; null is still to come.</summary>
public sealed class SummaryTexts
{
    public string? Question { get; set; }
    public string? Reasoning { get; set; }

    /// <summary>Why a summary is only its text's beginning.</summary>
    public List<string> Problems { get; } = [];
}
