using Gateway.Web.Health;
using Gateway.Web.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Storage;

public class OperationEventsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Write_OneThatTheDatabaseRefuses_IsGivenUpAndHoldsUpNoOther()
    {
        await using TestDatabase database = await TestDatabase.SqliteAsync();
        await using GatewayDbContext context = await database.Contexts.CreateDbContextAsync(Cancel);
        await context.Database.ExecuteSqlRawAsync("ALTER TABLE operation_events ADD COLUMN extra INTEGER CHECK (subject_id <> 'poison')", Cancel);
        var ready = new DatabaseReady();
        ready.Set();
        using var events = new OperationEvents(database.Plain, ready, "node", TimeProvider.System, NullLogger<OperationEvents>.Instance);
        foreach (string subject in (string[])["first", "poison", "second", "poison", "third"])
        {
            events.Post(OperationEvent.Of(DateTimeOffset.UnixEpoch, EventKinds.DrainOn, subject, "backend"));
        }
        await events.StartAsync(Cancel);

        await Eventually.TrueAsync(async () => await context.OperationEvents.CountAsync(Cancel) == 3);
        (await context.OperationEvents.OrderBy(e => e.Id).Select(e => e.SubjectId).ToListAsync(Cancel)).ShouldBe(["first", "second", "third"]);
        events.Post(OperationEvent.Of(DateTimeOffset.UnixEpoch, EventKinds.DrainOff, "fourth", "a name with no end: \ud83d and a \0"));
        await Eventually.TrueAsync(async () => await context.OperationEvents.AnyAsync(e => e.SubjectId == "fourth", Cancel));
        await events.StopAsync(Cancel);
    }
}
