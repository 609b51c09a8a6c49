using System.Data.Common;
using Gateway.Core.Accounting;

namespace Gateway.Web.Storage.Usage;

/// <summary>Puts records into <c>usage_records</c>; those that are there already stay as they are.</summary>
internal interface IUsageInsert
{
    /// <exception cref="DbException">The database refused it.</exception>
    Task InsertAsync(DbConnection connection, DbTransaction transaction, IReadOnlyList<UsageRecord> records, CancellationToken cancellationToken);
}
