using System.Data.Common;
using System.Diagnostics;
using Gateway.Tests.Administration;
using Gateway.Web.Storage;
using Npgsql;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Storage;

/// <summary>A database whose connections are dead without a word, as after a firewall has forgotten them.</summary>
public sealed class SilentDatabaseTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SilentDatabase_NoneOfItsConnectionsIsUsedOnceItIsBack()
    {
        await using TestDatabase own = await TestDatabase.EmptyPostgresAsync();
        await using ForgetfulLine line = LineTo(own, out string connection);
        var database = new GatewayDatabase(new DatabaseSettings(DatabaseProvider.Postgres, connection));
        DbConnection[] several = [await database.OpenAsync(Cancel), await database.OpenAsync(Cancel), await database.OpenAsync(Cancel)];
        foreach (DbConnection one in several)
        {
            await one.DisposeAsync();
        }
        await database.EnsureAnswersAsync(TimeProvider.System, Cancel);

        line.Forget();
        await Should.ThrowAsync<TimeoutException>(() => database.EnsureAnswersAsync(TimeProvider.System, Cancel));
        line.Recover();

        await database.EnsureAnswersAsync(TimeProvider.System, Cancel);
    }

    [Fact]
    public async Task SilentDatabase_WhatItWasAskedKeepsNoPlaceInThePoolForLong()
    {
        await using TestDatabase own = await TestDatabase.EmptyPostgresAsync();
        await using ForgetfulLine line = LineTo(own, out string connection);
        var database = new GatewayDatabase(new DatabaseSettings(DatabaseProvider.Postgres, connection + ";Maximum Pool Size=1"));
        await database.EnsureAnswersAsync(TimeProvider.System, Cancel);

        line.Forget();
        await Should.ThrowAsync<TimeoutException>(() => database.EnsureAnswersAsync(TimeProvider.System, Cancel));
        line.Recover();

        long start = Stopwatch.GetTimestamp();
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                await database.EnsureAnswersAsync(TimeProvider.System, Cancel);
                return true;
            }
            catch (TimeoutException)
            {
                return false;
            }
        });
        Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(20), "Npgsql waits 30 s for an answer");
    }

    [Fact]
    public async Task SilentDatabase_NoChangeWaitsHalfAMinuteBehindOneThatGotADeadConnection()
    {
        await using TestDatabase own = await TestDatabase.EmptyPostgresAsync();
        await using ForgetfulLine line = LineTo(own, out string connection);
        await using var product = new TestProduct { Settings = { ["Database:Provider"] = "postgres", ["ConnectionStrings:Gateway"] = connection } };
        HttpClient admin = await product.StartAsync();
        await admin.PostAsync("/admin/v1/models", """{"name":"before"}""");

        long start = Stopwatch.GetTimestamp();
        line.Forget();
        await admin.PostAsync("/admin/v1/models", """{"name":"meanwhile"}""", 503);
        line.Recover();
        await Eventually.TrueAsync(async () =>
        {
            using HttpResponseMessage answer = await admin.PostAsync("/admin/v1/models", new StringContent("""{"name":"after"}""", null, "application/json"), Cancel);
            return (int)answer.StatusCode == 201;
        });

        Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(25), "Npgsql waits 30 s for an answer");
    }

    private static ForgetfulLine LineTo(TestDatabase database, out string connection)
    {
        var text = new NpgsqlConnectionStringBuilder(database.Settings.ConnectionString);
        var line = new ForgetfulLine(text.Host!, text.Port);
        (text.Host, text.Port) = ("127.0.0.1", line.Port);
        connection = text.ConnectionString;
        return line;
    }
}
