namespace Gateway.Providers.OpenAI.Responses;

/// <summary>What has come of one item of a streamed answer.</summary>
internal sealed class ResponsesOutputItem
{
    public string? Id { get; set; }

    /// <summary>A tool call's part; -1 for other items.</summary>
    public int Call { get; set; } = -1;

    /// <summary>The call is a custom tool's, whose input is plain text.</summary>
    public bool Custom { get; set; }

    /// <summary>Something of it was passed on: its whole, when that comes, adds nothing but what stands beside the text.</summary>
    public bool Seen { get; set; }

    /// <summary>The content or summary part that was passed on last; -1 for none.</summary>
    public int Content { get; set; } = -1;

    /// <summary>The thoughts come as a summary; or as they are. Null until the first of them. Where both come, the first kind counts.</summary>
    public bool? Summarised { get; set; }
    public bool Done { get; set; }
}
