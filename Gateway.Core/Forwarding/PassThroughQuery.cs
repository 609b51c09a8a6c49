namespace Gateway.Core.Forwarding;

/// <summary>What of a request decides where it is passed on to.</summary>
/// <param name="Path">Below the API's prefix, such as <c>files/file-abc/content</c>, escaped.</param>
/// <param name="Provider">Named by the path itself (<c>/providers/{name}/…</c>); null where the gateway chooses.</param>
/// <param name="Model">Named by the query (realtime); null for none.</param>
public sealed record PassThroughQuery(string Path, string? Provider = null, string? Model = null)
{
    /// <summary>Ids in the body that may say where the request belongs.</summary>
    public IReadOnlyList<string> Resources { get; init; } = [];

    /// <summary>It is meant for Anthropic, which has paths that OpenAI has, too (<c>files</c>); all others are OpenAI's, as far as they are anybody's.</summary>
    public bool IsAnthropics { get; init; }
}
