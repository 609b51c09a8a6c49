namespace Gateway.Core.Capabilities.Reranking;

/// <summary>Documents to put in order by what they have to do with a query.</summary>
public sealed record RerankRequest
{
    /// <summary>Of the upstream when it is written; of the client when it was read.</summary>
    public string Model { get; init; } = "";
    public required string Query { get; init; }

    /// <summary>At least one.</summary>
    public required IReadOnlyList<string> Documents { get; init; }

    /// <summary>How many to return; null is all.</summary>
    public int? Top { get; init; }

    /// <summary>The client wants the documents themselves in the answer.</summary>
    public bool ReturnDocuments { get; init; }

    /// <summary>Longest document in tokens; null is the model's own.</summary>
    public int? MaxTokensPerDocument { get; init; }

    /// <summary>Fields that only the shape it was read from has, by name.</summary>
    public IReadOnlyList<string> Others { get; init; } = [];
}
