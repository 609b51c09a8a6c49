using System.Data.Common;
using Gateway.Core.Catalog;

namespace Gateway.Web.Storage;

/// <summary>Reads a row's columns one after the other, in the database's types: time is Unix milliseconds, money nano-dollars.</summary>
internal sealed class RowReader(DbDataReader row)
{
    private int _next;

    /// <summary>Goes back to the first column, of a new row.</summary>
    public void Begin() => _next = 0;

    public string Text() => row.GetString(_next++);

    public string? TextOrNull() => IsNull() ? null : Text();

    public int Int() => row.GetInt32(_next++);

    public int? IntOrNull() => IsNull() ? null : Int();

    public long Long() => row.GetInt64(_next++);

    public long? LongOrNull() => IsNull() ? null : Long();

    public bool Bool() => row.GetBoolean(_next++);

    public bool? BoolOrNull() => IsNull() ? null : Bool();

    public DateTimeOffset Time() => DateTimeOffset.FromUnixTimeMilliseconds(Long());

    public DateTimeOffset? TimeOrNull() => LongOrNull() is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;

    public NanoUsd? MoneyOrNull() => LongOrNull() is { } nano ? new NanoUsd(nano) : null;

    // A null is passed over.
    private bool IsNull()
    {
        if (!row.IsDBNull(_next))
        {
            return false;
        }
        _next++;
        return true;
    }
}
