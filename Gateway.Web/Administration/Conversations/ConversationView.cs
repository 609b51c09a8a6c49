namespace Gateway.Web.Administration.Conversations;

/// <summary>A conversation in a list.</summary>
internal sealed record ConversationHead(string Id, string Name, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>A kept conversation, whole.</summary>
internal sealed record ConversationView(string Id, string Name, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, ConversationContent Content);

/// <summary>A conversation to keep, or to change: what is left out stays.</summary>
internal sealed record ConversationChange
{
    public Optional<string?> Name { get; init; }
    public Optional<ConversationContent?> Content { get; init; }
}

/// <summary>What was asked with, and what was said by each of the models side by side. What is null was not set.</summary>
internal sealed record ConversationContent
{
    /// <summary>A wire's name, for example <c>openai-chat</c>.</summary>
    public string? Wire { get; init; }
    public string? System { get; init; }
    public double? Temperature { get; init; }
    public double? TopP { get; init; }
    public int? MaxTokens { get; init; }

    /// <summary>One a line.</summary>
    public string? Stop { get; init; }
    public long? Seed { get; init; }
    public string? Effort { get; init; }

    /// <summary>JSON as it was entered.</summary>
    public string? Tools { get; init; }

    /// <summary>JSON as it was entered.</summary>
    public string? Schema { get; init; }
    public string? Route { get; init; }
    public bool Stream { get; init; } = true;
    public IReadOnlyList<ConversationPane> Panes { get; init; } = [];
}

/// <summary>One model's side.</summary>
internal sealed record ConversationPane(string Model, IReadOnlyList<ConversationTurn> Turns);

/// <summary>A question, or the results of tools, and what was answered.</summary>
internal sealed record ConversationTurn
{
    public string Question { get; init; } = "";

    /// <summary>As data URLs; those that were too large to keep are only counted.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];
    public int ImagesLeftOut { get; init; }
    public IReadOnlyList<ConversationToolResult> Results { get; init; } = [];
    public string Answer { get; init; } = "";
    public string? Reasoning { get; init; }
    public IReadOnlyList<ConversationToolCall> Calls { get; init; } = [];
    public string? Error { get; init; }

    /// <summary>The call's entry in the books.</summary>
    public Guid? Request { get; init; }
}

internal sealed record ConversationToolCall(string Id, string Name, string Arguments);

internal sealed record ConversationToolResult(string CallId, string Name, string Text);
