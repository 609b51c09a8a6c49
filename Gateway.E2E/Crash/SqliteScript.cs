using System.Runtime.InteropServices;

namespace Gateway.E2E.Crash;

/// <summary>Runs SQL on a file by the SQLite that the machine has, while no gateway uses it.</summary>
internal static class SqliteScript
{
    private const string Library = "libsqlite3.so.0";

    public static void Run(string file, string sql)
    {
        nint database = 0;
        try
        {
            Check(Open(file, out database), database);
            Check(Execute(database, sql, 0, 0, 0), database);
        }
        finally
        {
            _ = Close(database);
        }
    }

    private static void Check(int result, nint database)
    {
        if (result != 0)
        {
            throw new InvalidOperationException(Marshal.PtrToStringUTF8(Message(database)));
        }
    }

    [DllImport(Library, EntryPoint = "sqlite3_open")]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string file, out nint database);

    [DllImport(Library, EntryPoint = "sqlite3_exec")]
    private static extern int Execute(nint database, [MarshalAs(UnmanagedType.LPUTF8Str)] string sql, nint callback, nint argument, nint error);

    [DllImport(Library, EntryPoint = "sqlite3_close")]
    private static extern int Close(nint database);

    [DllImport(Library, EntryPoint = "sqlite3_errmsg")]
    private static extern nint Message(nint database);
}
