namespace Gateway.Core.Generation;

/// <summary>What an answer needs that does not come from upstream.</summary>
public sealed class ResponseContext
{
    private int _ids;

    /// <summary>The model's name as the client knows it.</summary>
    public required string Model { get; init; }

    /// <summary>Unique to the call; ids in the answer are made of it.</summary>
    public required Guid CallId { get; init; }
    public required DateTimeOffset Now { get; init; }

    /// <summary>The request that is answered: wires that repeat its settings in the answer (Responses) take them from here.</summary>
    public required GenerationRequest Request { get; init; }

    /// <summary>The wire that the answer comes from; null if it is none's.</summary>
    public Gateway.Core.Catalog.Wire? Origin { get; init; }

    /// <summary>Gemini streams only: one JSON array, as without <c>alt=sse</c>, instead of server-sent events.</summary>
    public bool StreamAsJsonArray { get; init; }

    /// <summary>A fresh id, the first one for the answer itself: <paramref name="prefix"/> and 32 or more hexadecimal digits.</summary>
    public string NewId(string prefix)
    {
        int count = _ids++;
        return count == 0 ? $"{prefix}{CallId:N}" : $"{prefix}{CallId:N}{count:x2}";
    }
}
