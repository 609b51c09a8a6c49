namespace Gateway.Core.Generation.Streaming;

/// <summary>What a part of a stream is.</summary>
public enum PartKind
{
    Text,
    Reasoning,
    ToolCall,
    Refusal,
    Media,
    Opaque,
}
