namespace Gateway.Core.Generation;

/// <summary>A body that is not what its wire prescribes. The message is for the client and says what to change.</summary>
/// <param name="param">The field at fault, for example <c>messages[2].content</c>; null if it is the whole.</param>
public sealed class GenerationFormatException(string message, string? param = null) : Exception(message)
{
    public string? Param { get; } = param;
}
