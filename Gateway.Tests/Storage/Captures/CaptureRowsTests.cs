using System.Data.Common;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Captures;
using Gateway.Web.Storage.Retention;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Storage.Captures;

public sealed class CaptureRowsTests
{
    // As the database has it.
    private static readonly DateTimeOffset Until = DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeMilliseconds());

    public static TheoryData<string> Databases => ["Sqlite", "Postgres"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Add_MoreThanAsked_KeepsNoMore(string provider)
    {
        await using TestDatabase database = await OpenAsync(provider, 2);

        (await AddAsync(database, "a")).ShouldBe(1);
        (await AddAsync(database, "a")).ShouldBe(1, "a second try of the same");
        (await AddAsync(database, "b")).ShouldBe(0);
        (await AddAsync(database, "c")).ShouldBe(0);

        await using GatewayDbContext context = await database.Contexts.CreateDbContextAsync(Cancel);
        (await context.CapturedCalls.Select(c => c.Id).OrderBy(i => i).ToListAsync(Cancel)).ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task Add_OrderEndedOrReplaced_KeepsNothing()
    {
        await using TestDatabase database = await OpenAsync("Sqlite", 2);

        (await AddAsync(database, "a", Until.AddMinutes(1))).ShouldBe(0);

        await using GatewayDbContext context = await database.Contexts.CreateDbContextAsync(Cancel);
        (await context.CapturedCalls.AnyAsync(Cancel)).ShouldBeFalse();
        (await context.ApiKeys.SingleAsync(Cancel)).CaptureMost.ShouldBe(2);
    }

    [Fact]
    public async Task Retention_WhatIsExpired_IsDeleted()
    {
        await using TestDatabase database = await OpenAsync("Sqlite", 9);
        await AddAsync(database, "old", expiresIn: TimeSpan.FromSeconds(-1));
        await AddAsync(database, "new", expiresIn: TimeSpan.FromHours(1));
        var ready = new DatabaseReady();
        ready.Set();
        var job = new RetentionJob(database.Plain, ready, new RetentionSettings(0, 0, 0), TimeProvider.System, NullLogger<RetentionJob>.Instance);

        (await job.DeleteOnceAsync(Cancel)).ShouldBe(1);
        (await job.DeleteOnceAsync(Cancel)).ShouldBe(0);

        await using GatewayDbContext context = await database.Contexts.CreateDbContextAsync(Cancel);
        (await context.CapturedCalls.SingleAsync(Cancel)).Id.ShouldBe("new");
    }

    private static async Task<TestDatabase> OpenAsync(string provider, int most)
    {
        TestDatabase database = provider == "Sqlite" ? TestDatabase.EmptySqlite() : await TestDatabase.EmptyPostgresAsync();
        await database.Migrator.UpAsync(Cancel);
        await using GatewayDbContext context = await database.Contexts.CreateDbContextAsync(Cancel);
        context.ApiKeys.Add(new ApiKeyRow { Id = "k", Name = "k", Prefix = "ml-", Hash = new string('0', 64), CaptureMost = most, CaptureUntil = Until });
        await context.SaveChangesAsync(Cancel);
        return database;
    }

    private static async Task<int> AddAsync(TestDatabase database, string id, DateTimeOffset? until = null, TimeSpan? expiresIn = null)
    {
        await using DbConnection connection = await database.Plain.OpenAsync(Cancel);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return await CaptureRows.AddAsync(connection, id, "k", until ?? Until, now, now + (expiresIn ?? TimeSpan.FromDays(7)), [1, 2, 3], Cancel);
    }
}
