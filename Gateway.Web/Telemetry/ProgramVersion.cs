using System.Reflection;
using Gateway.Core;

namespace Gateway.Web.Telemetry;

/// <summary>Which version of the program this is.</summary>
internal static class ProgramVersion
{
    // Asked of the core, which has the same version: to find one attribute of this assembly all have to be loaded, and with them
    // MVC, which a node without the console does not need.
    public static string Text { get; } = typeof(GatewayPipeline).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
}
