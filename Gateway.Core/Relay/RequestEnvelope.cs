using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Relay.Uploads;

namespace Gateway.Core.Relay;

/// <summary>
/// What the gateway needs to know of a request body, as values and as positions in the original bytes, found in one pass by
/// <see cref="EnvelopeReader"/>. Everything else in the body is none of its business and travels untouched.
/// </summary>
public sealed class RequestEnvelope
{
    public required Operation Operation { get; init; }

    /// <summary>Valid until the exchange gives its buffer back.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The model's name as the client sent it.</summary>
    public string Model { get; internal set; } = "";
    public bool Stream { get; internal set; }

    /// <summary>What stands for the conversation, once it was asked for; see <c>Routing/Policies/ConversationKey</c>.</summary>
    internal ulong? Conversation { get; set; }

    /// <summary>The client itself asked for the usage chunk, so it gets it.</summary>
    public bool UsageChunkWanted { get; internal set; }

    /// <summary><c>max_completion_tokens</c>, <c>max_tokens</c>, or the wire's own name for them; null if neither is there.</summary>
    public long? MaxOutputTokens { get; internal set; }

    /// <summary><c>n</c>: how many answers are asked for.</summary>
    public int Choices { get; internal set; } = 1;

    /// <summary><c>best_of</c> of <c>/v1/completions</c>: how many answers are made, all of which are paid for, to send the best <see cref="Choices"/>.</summary>
    public int BestOf { get; internal set; } = 1;

    /// <summary>Responses: the stored answer that the request goes on from.</summary>
    public string? PreviousResponseId { get; internal set; }

    /// <summary>Messages: the upstream keeps the conversation, or is to begin to.</summary>
    public bool HasThread { get; internal set; }

    /// <summary>Responses: the client does not want the answer kept.</summary>
    public bool StoreRefused { get; internal set; }
    public string? OmniRoute { get; internal set; }
    public string? OmniProvider { get; internal set; }

    /// <summary><c>omni_metadata</c>; an object of at most 4 KiB.</summary>
    public Slice Metadata { get; internal set; }

    /// <summary>The value of <c>messages</c>, <c>prompt</c>, <c>input</c> or <c>contents</c>.</summary>
    public Slice Input { get; internal set; }

    /// <summary>Bytes of text in the input and the tools, embedded images and files left out: the base of quick estimates.</summary>
    public long TextBytes { get; internal set; }

    /// <summary><c>tools</c> is there.</summary>
    public bool HasTools { get; internal set; }

    /// <summary>Images and files in the input.</summary>
    public int MediaParts { get; internal set; }

    /// <summary>Messages in the input; 1 for a prompt.</summary>
    public int Messages { get; internal set; }

    /// <summary>The body is a form with files in it; null for JSON.</summary>
    public MultipartForm? Form { get; internal set; }

    // Positions for the splicer.
    internal int ObjectStart { get; set; }
    /// <summary>Not there when the path names the model.</summary>
    internal Slice ModelValue { get; set; }

    /// <summary>The model's name as the client sent it, as a JSON string, quotes included: written back into answers.</summary>
    internal ReadOnlyMemory<byte> ModelJson { get; set; }
    internal Slice GenerationConfig { get; set; }

    // What limits the output, as the client has it; a value that is null is there, too.
    internal Slice MaxTokensValue { get; set; }
    internal Slice MaxCompletionTokensValue { get; set; }
    internal Slice MaxOutputTokensValue { get; set; }
    internal Slice StreamOptions { get; set; }
    internal Slice IncludeUsage { get; set; }
    internal Slice TemplateOptions { get; set; }
    internal Slice EnableThinking { get; set; }

    /// <summary>The first message's content, if it is a system or developer message; or what the wire has apart from the messages.</summary>
    internal Slice SystemContent { get; set; }

    /// <summary>Whole properties to leave out, commas included, in order.</summary>
    internal List<Slice> Removals { get; } = [];

    /// <summary>
    /// A quick estimate for reservations: a token for four bytes of text, some for each message and image. What is accounted
    /// is estimated with more care.
    /// </summary>
    public InputEstimate QuickEstimate => new((TextBytes / 4) + (4L * Messages) + (255L * MediaParts) + 3, HasTools);
}
