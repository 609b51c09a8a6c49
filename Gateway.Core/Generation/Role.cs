namespace Gateway.Core.Generation;

/// <summary>Who speaks in a <see cref="Message"/>.</summary>
public enum Role
{
    User,
    Assistant,

    /// <summary>Results of tool calls.</summary>
    Tool,

    /// <summary>Instructions in the middle of a conversation; those before it are <see cref="GenerationRequest.Instructions"/>.</summary>
    System,
}
