namespace Gateway.Core.Generation.Tools;

/// <summary>Modes of <see cref="ToolChoice"/>.</summary>
public enum ToolChoiceMode
{
    Auto,
    None,

    /// <summary>At least one, whichever.</summary>
    Required,
    Named,
}
