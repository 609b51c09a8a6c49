namespace Gateway.Core.Catalog.Kinds;

/// <summary>The setting <c>wires</c>: which generation wires an OpenAI-shaped server speaks, the preferred one first.</summary>
public static class ServedOperations
{
    private static readonly Operation[] ChatOnly = [Operation.ChatCompletions];
    private static readonly Operation[] ChatAndResponses = [Operation.ChatCompletions, Operation.Responses];

    /// <summary>What the provider generates with; at least one. The first is what requests of other wires are translated into.</summary>
    public static IReadOnlyList<Operation> Of(Provider provider) =>
        provider.Settings.TryGetValue("wires", out string? text) && ParseWires(text) is { } wires ? wires
        : provider.Kind == ProviderKind.OpenAICompatible ? ChatOnly
        : ChatAndResponses;

    /// <summary>The operation to call when <paramref name="asked"/> generates from messages: itself where it is spoken.</summary>
    public static Operation Generate(Provider provider, Operation asked)
    {
        IReadOnlyList<Operation> wires = Of(provider);
        return wires.Contains(asked) ? asked : wires[0];
    }

    /// <summary>Whether what belongs to Responses beside generating can be asked of it.</summary>
    public static bool SpeaksResponses(Provider provider) => Of(provider).Contains(Operation.Responses);

    /// <summary>Null when the text is no such list.</summary>
    public static IReadOnlyList<Operation>? ParseWires(string text)
    {
        var wires = new List<Operation>();
        foreach (string name in text.Split(',', StringSplitOptions.TrimEntries))
        {
            Operation? wire = name.ToLowerInvariant() switch
            {
                "chat" => Operation.ChatCompletions,
                "responses" => Operation.Responses,
                "messages" => Operation.Messages,
                _ => null,
            };
            if (wire is not { } known || wires.Contains(known))
            {
                return null;
            }
            wires.Add(known);
        }
        return wires;
    }
}
