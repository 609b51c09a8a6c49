namespace Gateway.Web.Configuration;

/// <summary>The process cannot start with these settings. The message lists everything that is wrong, one thing a line.</summary>
public sealed class GatewayConfigurationException(IReadOnlyList<string> errors)
    : Exception("The configuration is not valid:" + string.Concat(errors.Select(e => Environment.NewLine + "  - " + e)))
{
    public IReadOnlyList<string> Errors { get; } = errors;
}
