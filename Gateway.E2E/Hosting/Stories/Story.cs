namespace Gateway.E2E.Hosting.Stories;

/// <summary>What a scripted model says, in no wire's words.</summary>
/// <param name="Refusal">An error instead of an answer.</param>
public sealed record Story(string? Thought, string? Text, IReadOnlyList<StoryCall> Calls, StoryRefusal? Refusal = null)
{
    public const string Signature = "c2lnbmVkIGJ5IHRoZSBtb2RlbA==";

    /// <summary>A red dot.</summary>
    public const string Image = "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8/w38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5ErkJggg==";

    private static readonly Story Plain = Say("Hello from the model.");

    /// <summary>The stream breaks off with an error after the first words.</summary>
    public bool Breaks { get; init; }

    /// <summary>A model's story is the last word of its name.</summary>
    /// <param name="answered">The conversation holds the results of both calls.</param>
    public static Story Of(string model, bool answered) => model.Split('-')[^1] switch
    {
        "tools" when answered => Say("Oslo 7, Bergen 9."),
        "tools" => new Story("I need the weather.", null, [new("toolu_1", """{"city":"Oslo"}"""), new("toolu_2", """{"city":"Bergen"}""")]),
        "json" => Say("""{"city":"Oslo","degrees":7}"""),
        "image" => Say("A red dot."),
        "breaks" => Plain with { Breaks = true },
        "busy" => Refuse(429, "rate_limit_error", "Slow down."),
        "overloaded" => Refuse(529, "overloaded_error", "Overloaded"),
        "bad" => Refuse(400, "invalid_request_error", "messages: too odd."),
        "missing" => Refuse(404, "not_found_error", "model: nobody knows it"),
        _ => Plain,
    };

    public static Story Refuse(int status, string type, string message) => new(null, null, [], new StoryRefusal(status, type, message));

    private static Story Say(string text) => new(null, text, []);
}
