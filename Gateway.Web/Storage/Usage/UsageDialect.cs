using System.Text;

namespace Gateway.Web.Storage.Usage;

/// <summary>Where the databases' statements differ.</summary>
internal sealed class UsageDialect
{
    // SQL Server takes 2,100 parameters in a command, the others many more.
    private readonly bool _upserts;

    private UsageDialect(bool upserts, int rowsInACommand)
    {
        _upserts = upserts;
        RowsInACommand = rowsInACommand;
    }

    public int RowsInACommand { get; }

    public static UsageDialect Of(DatabaseProvider provider) => provider switch
    {
        DatabaseProvider.SqlServer => new UsageDialect(upserts: false, 45),
        DatabaseProvider.Postgres => new UsageDialect(upserts: true, 100),
        _ => new UsageDialect(upserts: true, 1),
    };

    /// <summary>Inserts rows of <c>usage_records</c> that are not there yet; parameters <c>@p0</c> and on, row by row.</summary>
    public string InsertRecords(int rows)
    {
        string values = Values(rows, UsageColumn.All.Length);
        return _upserts
            ? $"INSERT INTO \"usage_records\" ({UsageColumn.Names}) VALUES {values} ON CONFLICT (\"id\") DO NOTHING"
            : $"INSERT INTO \"usage_records\" ({UsageColumn.Names}) SELECT * FROM (VALUES {values}) AS v ({UsageColumn.Names}) "
                + "WHERE NOT EXISTS (SELECT 1 FROM \"usage_records\" AS r WHERE r.\"id\" = v.\"id\")";
    }

    /// <summary>Writes one row of <c>usage_rollups</c> with absolute values, whether or not it is there; parameters <c>@p0</c> and on.</summary>
    public string WriteRollup()
    {
        string insert = $"INSERT INTO \"usage_rollups\" ({RollupColumns.Names}) VALUES {Values(1, RollupColumns.All.Length)}";
        if (_upserts)
        {
            string set = string.Join(", ", RollupColumns.Sums.Select(c => $"\"{c}\" = excluded.\"{c}\""));
            return $"{insert} ON CONFLICT ({RollupColumns.KeyNames}) DO UPDATE SET {set}";
        }
        int keys = RollupColumns.Key.Length;
        string assign = string.Join(", ", RollupColumns.Sums.Select((c, i) => $"\"{c}\" = @p{keys + i}"));
        string where = string.Join(" AND ", RollupColumns.Key.Select((c, i) => $"\"{c}\" = @p{i}"));
        return $"UPDATE \"usage_rollups\" SET {assign} WHERE {where}; IF @@ROWCOUNT = 0 {insert}";
    }

    private static string Values(int rows, int columns)
    {
        var text = new StringBuilder();
        for (int p = 0; p < rows * columns; p++)
        {
            text.Append(p % columns == 0 ? (p == 0 ? "(" : ", (") : ", ").Append("@p").Append(p);
            if (p % columns == columns - 1)
            {
                text.Append(')');
            }
        }
        return text.ToString();
    }
}
