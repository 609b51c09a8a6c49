using System.Runtime.InteropServices;
using System.Text;

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
            Check(Open(Utf8(file), out database), database);
            Check(Execute(database, Utf8(sql), 0, 0, 0), database);
        }
        finally
        {
            _ = Close(database);
        }
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text + "\0");

    private static void Check(int result, nint database)
    {
        if (result != 0)
        {
            throw new InvalidOperationException(Marshal.PtrToStringUTF8(Message(database)));
        }
    }

    [DllImport(Library, EntryPoint = "sqlite3_open")]
    private static extern int Open(byte[] file, out nint database);

    [DllImport(Library, EntryPoint = "sqlite3_exec")]
    private static extern int Execute(nint database, byte[] sql, nint callback, nint argument, nint error);

    [DllImport(Library, EntryPoint = "sqlite3_close")]
    private static extern int Close(nint database);

    [DllImport(Library, EntryPoint = "sqlite3_errmsg")]
    private static extern nint Message(nint database);
}
