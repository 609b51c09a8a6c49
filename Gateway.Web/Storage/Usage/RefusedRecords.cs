using System.Globalization;
using System.Text;
using System.Text.Json;
using Gateway.Core.Accounting;

namespace Gateway.Web.Storage.Usage;

/// <summary>Usage records that the database does not take, in a file of JSON lines beside the journal. Used by one task at a time.</summary>
internal sealed class RefusedRecords(string directory, TimeProvider time)
{
    private long _count;

    public string Path { get; } = System.IO.Path.Combine(directory, "refused.jsonl");

    /// <summary>How many were added since the start.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <exception cref="IOException">The disk is full or gone.</exception>
    public void Add(UsageRecord record, string reason)
    {
        var line = new MemoryStream();
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            json.WriteString("refused_at", time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture));
            json.WriteString("reason", reason);
            foreach (UsageColumn column in UsageColumn.All)
            {
                Write(json, column, record);
            }
            json.WriteEndObject();
        }
        line.WriteByte((byte)'\n');
        File.AppendAllText(Path, Encoding.UTF8.GetString(line.GetBuffer().AsSpan(0, (int)line.Length)));
        Interlocked.Increment(ref _count);
    }

    private static void Write(Utf8JsonWriter json, UsageColumn column, UsageRecord record)
    {
        if (column.IsText)
        {
            json.WriteString(column.Name, column.TextOf(record));
        }
        else if (column.NumberOf(record) is { } number)
        {
            json.WriteNumber(column.Name, number);
        }
        else
        {
            json.WriteNull(column.Name);
        }
    }
}
