#if RESTRICTED_FEED
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace Gateway.Tests.Components;

/// <summary>bUnit asks for a version of AngleSharp.Diffing that the restricted feed lacks; the one that is there serves as well.</summary>
internal static class DiffingAssembly
{
    [ModuleInitializer]
    internal static void Resolve() => AssemblyLoadContext.Default.Resolving += static (context, name) =>
        name.Name is "AngleSharp.Diffing" && name.Version is not null ? context.LoadFromAssemblyName(new AssemblyName(name.Name)) : null;
}
#endif
