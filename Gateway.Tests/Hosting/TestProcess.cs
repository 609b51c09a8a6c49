using System.Runtime.CompilerServices;

namespace Gateway.Tests.Hosting;

internal static class TestProcess
{
    // Every host would watch the folder of its appsettings.json, and Linux lets a user watch 128 at a time. The gateway's own
    // watching of its settings is not concerned.
    [ModuleInitializer]
    internal static void WatchNothingByDefault()
    {
        Environment.SetEnvironmentVariable("DOTNET_hostBuilder__reloadConfigOnChange", "false");
        Environment.SetEnvironmentVariable("ASPNETCORE_hostBuilder__reloadConfigOnChange", "false");
    }
}
