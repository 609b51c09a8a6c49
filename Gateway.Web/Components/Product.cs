using Gateway.Web.Telemetry;

namespace Gateway.Web.Components;

/// <summary>Facts about the running program.</summary>
internal static class Product
{
    /// <summary>For example <c>0.1.0</c>, without build metadata.</summary>
    public static string Version { get; } = ProgramVersion.Text.Split('+')[0];
}
