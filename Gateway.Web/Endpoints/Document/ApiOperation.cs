namespace Gateway.Web.Endpoints.Document;

/// <summary>One operation of the data plane, as its document tells it.</summary>
internal sealed record ApiOperation(string Method, string Path, string Tag, string Summary)
{
    private const string Json = "application/json";

    /// <summary>The envelope of its errors.</summary>
    public ErrorWire Wire { get; init; }

    /// <summary>Schema of the request's body; null for none.</summary>
    public string? Takes { get; init; }
    public IReadOnlyList<string> TakesMedia { get; init; } = [Json];

    /// <summary>Schema of the answer where it is JSON.</summary>
    public required string Gives { get; init; }
    public IReadOnlyList<string> GivesMedia { get; init; } = [Json];

    /// <summary>Asks for no key.</summary>
    public bool IsOpen { get; init; }

    public IReadOnlyList<string> Failures { get; init; } = [];

    public IEnumerable<string> PathParameters => Path.Split('/').Where(s => s.StartsWith('{')).Select(s => s[1..s.IndexOf('}')]);

    /// <summary>As in <c>post_v1_chat_completions</c>.</summary>
    public string Id => string.Join('_', $"{Method.ToLowerInvariant()}{Path}".Split(['/', ':', '{', '}', '.'], StringSplitOptions.RemoveEmptyEntries));
}

/// <summary>A header of answers.</summary>
/// <param name="OfAnswers">Comes with answers that are no errors.</param>
/// <param name="OfErrors">Comes with errors.</param>
/// <param name="OfCalls">Comes only where a backend was asked.</param>
internal sealed record ApiHeader(string Name, string Type, string Meaning, bool OfAnswers = true, bool OfErrors = false, bool OfCalls = false);
