using Gateway.Core.Catalog;

namespace Gateway.Core.Forwarding;

/// <summary>What of a request decides where it is passed on to.</summary>
/// <param name="Path">Below the API's prefix, such as <c>files/file-abc/content</c>, escaped.</param>
/// <param name="Provider">Named by the path itself (<c>/providers/{name}/…</c>); null where the gateway chooses.</param>
/// <param name="Model">Named by the query (realtime); null for none.</param>
public sealed record PassThroughQuery(string Path, string? Provider = null, string? Model = null)
{
    /// <summary>Before a provider's name: a key that is restricted to models may pass requests on only where its list says so in so many words.</summary>
    public const string Permission = "pass-through/";

    /// <summary>Method and path as the client sent them, for what it is told.</summary>
    public string Asked { get; init; } = "";

    /// <summary>Ids in the body that may say where the request belongs.</summary>
    public IReadOnlyList<string> Resources { get; init; } = [];

    /// <summary>Whose API it is of, since vendors have paths of the same name (<c>files</c>); OpenAI's, where it is nobody's.</summary>
    public ProviderKind Vendor { get; init; } = ProviderKind.OpenAI;
}
