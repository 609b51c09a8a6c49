using System.Data.Common;
using Gateway.Web.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Storage;

/// <summary>SQLite works and waits on its caller's thread: never on one of the pool, which serves the calls through the gateway.</summary>
public class OffPoolSqliteTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Commands_OfEf_WorkElsewhere()
    {
        await using TestDatabase database = await TestDatabase.SqliteAsync();
        await using GatewayDbContext context = await database.Contexts.CreateDbContextAsync(Cancel);
        await context.Database.OpenConnectionAsync(Cancel);
        SayWhere((SqliteConnection)context.Database.GetDbConnection());

        (await Task.Run(() => context.Database.SqlQueryRaw<long>("SELECT on_pool() AS \"Value\"").SingleAsync(Cancel), Cancel)).ShouldBe(0);
    }

    [Fact]
    public async Task Commands_OfPlainConnections_WorkElsewhere()
    {
        await using TestDatabase database = await TestDatabase.SqliteAsync();
        await using DbConnection connection = await database.Plain.OpenAsync(Cancel);
        SayWhere((SqliteConnection)connection);
        await using DbCommand command = connection.CreateCommand();

        command.CommandText = "SELECT on_pool()";
        (await Task.Run(() => command.ExecuteScalarAsync(Cancel), Cancel)).ShouldBe(0L);
        command.CommandText = "UPDATE operation_events SET at = at WHERE 1 / (1 - on_pool()) = 0";
        (await Task.Run(() => command.ExecuteNonQueryAsync(Cancel), Cancel)).ShouldBe(0);
        command.CommandText = "SELECT on_pool() UNION ALL SELECT 2";
        await using DbDataReader row = await Task.Run(() => command.ExecuteReaderAsync(Cancel), Cancel);
        (await row.ReadAsync(Cancel)).ShouldBeTrue();
        row.GetInt64(0).ShouldBe(0);
    }

    [Fact]
    public async Task Transactions_ThatWaitForAnotherWriter_BlockNobody()
    {
        await using TestDatabase database = await TestDatabase.SqliteAsync();
        await using DbConnection other = await database.Plain.OpenAsync(Cancel);
        DbTransaction writing = await other.BeginTransactionAsync(Cancel);
        await using GatewayDbContext context = await database.Contexts.CreateDbContextAsync(Cancel);
        await using DbConnection plain = await database.Plain.OpenAsync(Cancel);

        (Task<IDbContextTransaction> ofEf, Task<DbTransaction> ofPlain) =
            await Task.Run(() => (context.Database.BeginTransactionAsync(Cancel), plain.BeginTransactionAsync(Cancel).AsTask()), Cancel);

        ofEf.IsCompleted.ShouldBeFalse();
        ofPlain.IsCompleted.ShouldBeFalse();
        await writing.RollbackAsync(Cancel);
        // One after the other, in either order.
        if (await Task.WhenAny(ofEf, ofPlain) == ofPlain)
        {
            await (await ofPlain).CommitAsync(Cancel);
        }
        await (await ofEf).CommitAsync(Cancel);
        await (await ofPlain).DisposeAsync();
    }

    private static void SayWhere(SqliteConnection connection) => connection.CreateFunction("on_pool", () => Thread.CurrentThread.IsThreadPoolThread ? 1L : 0L);
}
