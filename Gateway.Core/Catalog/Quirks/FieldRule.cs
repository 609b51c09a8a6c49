using System.Text;

namespace Gateway.Core.Catalog.Quirks;

/// <summary>What becomes of one field at the top of a chat request.</summary>
/// <param name="To">The other name, for <see cref="FieldAction.Rename"/>.</param>
public sealed record FieldRule(string Name, FieldAction Action, string? To = null)
{
    internal byte[] NameUtf8 { get; } = Encoding.UTF8.GetBytes(Name);
    internal byte[] ToJson { get; } = JsonText.Encode(To ?? "");
    internal byte[] ToUtf8 { get; } = Encoding.UTF8.GetBytes(To ?? "");
}
