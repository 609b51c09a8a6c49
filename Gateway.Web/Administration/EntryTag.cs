using System.Security.Cryptography;
using System.Text.Json;
using Gateway.Core.Catalog;

namespace Gateway.Web.Administration;

/// <summary>
/// The ETag of an entry of the catalog (RFC 9110, section 8.8.3): a hash of what is defined of it, so that it changes with the
/// entry and with nothing else. Not with a credential's secret: whoever sees the tag must have nothing to try guesses on.
/// </summary>
internal static class EntryTag
{
    private const int Bytes = 12;

    /// <returns>With its quotes; null where there is no such model, provider, route, key, team or budget.</returns>
    public static string? Of(CatalogDefinition definition, string id)
    {
        object? entry = definition.Models.FirstOrDefault(m => m.Id == id)
            ?? WithoutSecrets(definition.Providers.FirstOrDefault(p => p.Id == id))
            ?? definition.Routes.FirstOrDefault(r => r.Id == id)
            ?? definition.Keys.FirstOrDefault(k => k.Id == id)
            ?? (object?)definition.Teams.FirstOrDefault(t => t.Id == id)
            ?? definition.Budgets.FirstOrDefault(b => b.Id == id);
        return entry is null ? null
            : $"\"{Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(entry, entry.GetType(), AdministrationJson.Options)).AsSpan(0, Bytes))}\"";
    }

    private static ProviderDefinition? WithoutSecrets(ProviderDefinition? provider) =>
        provider is null ? null : provider with { Credentials = [.. provider.Credentials.Select(c => c with { Secret = "" })] };
}

/// <summary>That an entry is what somebody read: <c>If-Match</c> of a change.</summary>
/// <param name="Id">The entry's.</param>
/// <param name="Tags">One of them must be its tag.</param>
internal sealed record EntryCondition(string Id, IReadOnlyList<string> Tags)
{
    public bool Holds(CatalogDefinition definition) => EntryTag.Of(definition, Id) is { } tag && Tags.Contains(tag);
}
