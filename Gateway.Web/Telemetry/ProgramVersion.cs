using System.Reflection;

namespace Gateway.Web.Telemetry;

/// <summary>Which version of the program this is.</summary>
internal static class ProgramVersion
{
    public static string Text { get; } = typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
}
