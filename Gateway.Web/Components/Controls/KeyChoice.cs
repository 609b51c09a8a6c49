using Gateway.Core.Catalog;

namespace Gateway.Web.Components.Controls;

/// <summary>A key that may be chosen.</summary>
/// <param name="Prefix">Its first characters: names are not unique to the eye of whoever has the key.</param>
public readonly record struct KeyChoice(string Id, string Name, string Prefix, string? Owner = null)
{
    public static KeyChoice Of(ApiKeyDefinition key) => new(key.Id, key.Name, key.Prefix, key.Owner);

    public static KeyChoice Of(ApiKey key) => new(key.Id, key.Name, key.Prefix);

    /// <summary>It has this in its name, its owner or its first characters.</summary>
    public bool Holds(string text) =>
        Name.Contains(text, StringComparison.OrdinalIgnoreCase) || Prefix.StartsWith(text, StringComparison.Ordinal) || Owner?.Contains(text, StringComparison.OrdinalIgnoreCase) == true;
}
