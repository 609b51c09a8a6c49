namespace Gateway.Core.Generation.Tools;

/// <summary>Built-in tools that several vendors have.</summary>
public enum BuiltInPurpose
{
    Other,
    WebSearch,
    CodeExecution,
    UrlContext,
}
