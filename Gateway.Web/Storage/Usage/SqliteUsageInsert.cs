using System.Data.Common;
using System.Text;
using Gateway.Core.Accounting;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Gateway.Web.Storage.Usage;

/// <summary>
/// One prepared statement, its values bound by place, on SQLite's own interface: its ADO.NET client looks up each of forty
/// parameters by name and boxes and copies it, for each row, which costs several times what the insertion does.
/// Not safe for concurrent use.
/// </summary>
/// <param name="giveWay">Called every few rows: on one processor a call would wait until the system takes this thread's turn away, which is for milliseconds.</param>
internal sealed class SqliteUsageInsert(UsageDialect dialect, Action giveWay) : IUsageInsert
{
    // A quarter of a millisecond of work.
    private const int RowsInATurn = 16;

    private readonly string _sql = dialect.InsertRecords(1);
    private byte[] _utf8 = new byte[1024];

    public Task InsertAsync(DbConnection connection, DbTransaction transaction, IReadOnlyList<UsageRecord> records, CancellationToken cancellationToken)
    {
        sqlite3 database = ((SqliteConnection)connection).Handle!;
        Check(raw.sqlite3_prepare_v2(database, _sql, out sqlite3_stmt statement), database);
        using (statement)
        {
            for (int i = 0; i < records.Count; i++)
            {
                if (i % RowsInATurn == 0)
                {
                    giveWay();
                }
                Bind(statement, records[i], database);
                if (raw.sqlite3_step(statement) != raw.SQLITE_DONE)
                {
                    throw Error(database);
                }
                Check(raw.sqlite3_reset(statement), database);
            }
        }
        return Task.CompletedTask;
    }

    private void Bind(sqlite3_stmt statement, UsageRecord record, sqlite3 database)
    {
        int place = 0;
        foreach (UsageColumn column in UsageColumn.All)
        {
            place++;
            int bound = column.IsJson ? BindJson(statement, place, column, record)
                : column.IsText ? Bind(statement, place, column.TextOf(record))
                : Bind(statement, place, column.NumberOf(record));
            Check(bound, database);
        }
    }

    private static int BindJson(sqlite3_stmt statement, int place, UsageColumn column, UsageRecord record) =>
        column.TryGetJson(record, out ReadOnlySpan<byte> json) ? raw.sqlite3_bind_text(statement, place, json) : raw.sqlite3_bind_null(statement, place);

    private int Bind(sqlite3_stmt statement, int place, string? text)
    {
        if (text is null)
        {
            return raw.sqlite3_bind_null(statement, place);
        }
        int most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (most > _utf8.Length)
        {
            _utf8 = new byte[most];
        }
        // SQLite takes a copy.
        return raw.sqlite3_bind_text(statement, place, _utf8.AsSpan(0, Encoding.UTF8.GetBytes(text, _utf8)));
    }

    private static int Bind(sqlite3_stmt statement, int place, long? number) =>
        number is { } value ? raw.sqlite3_bind_int64(statement, place, value) : raw.sqlite3_bind_null(statement, place);

    private static void Check(int result, sqlite3 database)
    {
        if (result != raw.SQLITE_OK)
        {
            throw Error(database);
        }
    }

    private static SqliteException Error(sqlite3 database) => new(
        raw.sqlite3_errmsg(database).utf8_to_string(), raw.sqlite3_errcode(database), raw.sqlite3_extended_errcode(database));
}
