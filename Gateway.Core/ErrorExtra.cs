using System.Text.Json;

namespace Gateway.Core;

/// <summary>
/// What an upstream's error says beside its message, for clients that speak that upstream's wire and decide by it: Anthropic's
/// <c>details</c> (an object), Google's <c>details</c> (a list), Azure's <c>innererror</c>.
/// </summary>
/// <param name="Name">The field's name within the error.</param>
/// <param name="Value">Its value, which outlives the answer that it was read from.</param>
public sealed record ErrorExtra(string Name, JsonElement Value)
{
    public const string Details = "details";
    public const string InnerError = "innererror";

    /// <summary>Whether it is this field, and of this shape.</summary>
    public bool Is(string name, JsonValueKind kind) => Name == name && Value.ValueKind == kind;
}
