#if RESTRICTED_FEED
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using SQLitePCL;
#endif

namespace Gateway.Web.Storage;

/// <summary>
/// Binds SQLite's native library where the feed has no bundle that matches: Microsoft.Data.Sqlite 10 asks for
/// SQLitePCLRaw.core 2.1, the feed serves 2.0.6, whose API is the same for what is used. The native library is the
/// system's (libsqlite3-0) when there is one, because EF's JSON queries need 3.38; the packaged one is 3.35.
/// </summary>
internal static class SqliteNative
{
#if RESTRICTED_FEED
    private static readonly Lock Loading = new();
    private static bool Loaded;

    /// <summary>Call before the first use of SQLite; further calls do nothing.</summary>
    public static void Load()
    {
        lock (Loading)
        {
            if (Loaded)
            {
                return;
            }
            AssemblyLoadContext.Default.Resolving += static (context, name) =>
                name is { Name: "SQLitePCLRaw.core", Version: not null } ? context.LoadFromAssemblyName(new AssemblyName(name.Name)) : null;
            SetProvider();
            Loaded = true;
        }
    }

    // A method of its own, because compiling it already needs the assembly that the hook above finds.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SetProvider()
    {
        NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, static (name, _, _) =>
            name == "e_sqlite3" && NativeLibrary.TryLoad("libsqlite3.so.0", out nint handle) ? handle : 0);
        raw.SetProvider(new SQLite3Provider_e_sqlite3());
    }
#else
    /// <summary>Nothing to do: the bundle package binds itself.</summary>
    public static void Load()
    {
    }
#endif
}
