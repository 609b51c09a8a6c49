namespace Gateway.Core.Generation;

/// <summary>Kinds of <see cref="OutputFormat"/>.</summary>
public enum OutputFormatKind
{
    Text,

    /// <summary>Any JSON object.</summary>
    JsonObject,
    JsonSchema,
}
