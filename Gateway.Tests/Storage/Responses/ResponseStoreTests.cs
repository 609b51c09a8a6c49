using System.Data.Common;
using System.Text;
using Gateway.Core;
using Gateway.Core.Generation.StoredResponses;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Responses;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Storage.Responses;

public class ResponseStoreTests
{
    private readonly EphemeralDataProtectionProvider _keys = new();
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("gateway-responses-");
    private GatewayOptions _options = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Save_BeforeAndAfterTheDrain_IsFoundByItsKeyAlone()
    {
        await using TestDatabase database = await TestDatabase.SqliteAsync();
        await CheckAsync(database);
    }

    [Fact]
    public async Task Save_OnPostgres_IsFoundByItsKeyAlone()
    {
        await using TestDatabase database = await TestDatabase.EmptyPostgresAsync();
        await database.Migrator.UpAsync(Cancel);
        await CheckAsync(database);
    }

    [Fact]
    public async Task Save_ProcessDiesBeforeTheDrain_TheNextOneStillHasIt()
    {
        await using TestDatabase database = await TestDatabase.SqliteAsync();
        (ResponseStore store, _) = New(database);
        (await store.SaveAsync(Response("resp_1"))).ShouldBeTrue();

        (ResponseStore next, ResponseDrain drain) = New(database);
        (await next.LoadAsync("resp_1", "key", Cancel)).ShouldNotBeNull();
        (await drain.DrainOnceAsync(Cancel)).ShouldBe(1);
        _directory.GetFiles().ShouldBeEmpty();
        (await next.LoadAsync("resp_1", "key", Cancel)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Row_HoldsNothingThatCanBeRead()
    {
        await using TestDatabase database = await TestDatabase.SqliteAsync();
        (ResponseStore store, ResponseDrain drain) = New(database);
        await store.SaveAsync(Response("resp_secret"));
        Encoding.UTF8.GetString(await File.ReadAllBytesAsync(_directory.GetFiles().Single().FullName, Cancel)).ShouldNotContain("the question");
        await drain.DrainOnceAsync(Cancel);

        await using DbConnection connection = await database.Plain.OpenAsync(Cancel);
        KeptResponse row = (await ResponseRows.FindAsync(connection, ResponseId.Of("key", "resp_secret"), Cancel)).ShouldNotBeNull();
        row.Id.ShouldNotContain("resp_secret");
        Encoding.UTF8.GetString(row.Body!).ShouldNotContain("the question");
        var others = new ResponseStore(new ResponseSpool(_directory.FullName, false), new ResponseBody(new EphemeralDataProtectionProvider()), database.Plain, Ready(), () => _options, TimeProvider.System);
        await Should.ThrowAsync<ResponseStoreException>(async () => await others.LoadAsync("resp_secret", "key", Cancel));
    }

    [Fact]
    public async Task Load_AfterItsTime_IsNotFoundAndIsDeleted()
    {
        await using TestDatabase database = await TestDatabase.SqliteAsync();
        _options = _options with { ResponseTimeToLive = TimeSpan.FromMilliseconds(-1) };
        (ResponseStore store, ResponseDrain drain) = New(database);
        await store.SaveAsync(Response("resp_1"));

        (await store.LoadAsync("resp_1", "key", Cancel)).ShouldBeNull();
        await drain.DrainOnceAsync(Cancel);
        await using DbConnection connection = await database.Plain.OpenAsync(Cancel);
        (await ResponseRows.FindAsync(connection, ResponseId.Of("key", "resp_1"), Cancel)).ShouldBeNull();
    }

    [Fact]
    public async Task SwitchedOff_KeepsNothing()
    {
        await using TestDatabase database = await TestDatabase.SqliteAsync();
        _options = _options with { StoreResponses = false };
        (ResponseStore store, _) = New(database);

        store.Enabled.ShouldBeFalse();
        (await store.SaveAsync(Response("resp_1"))).ShouldBeFalse();
        _directory.GetFiles().ShouldBeEmpty();
    }

    [Fact]
    public async Task Load_DatabaseNotReady_SaysSoInsteadOfNotFound()
    {
        await using TestDatabase database = await TestDatabase.SqliteAsync();
        var store = new ResponseStore(new ResponseSpool(_directory.FullName, false), new ResponseBody(_keys), database.Plain, new DatabaseReady(), () => _options, TimeProvider.System);

        await Should.ThrowAsync<ResponseStoreException>(async () => await store.LoadAsync("resp_1", "key", Cancel));
    }

    [Fact]
    public async Task Drain_OneThatTheDatabaseRefuses_IsSetAsideAndHoldsUpNoOther()
    {
        await using TestDatabase database = await TestDatabase.SqliteAsync();
        await using (DbConnection connection = await database.Plain.OpenAsync(Cancel))
        {
            await using DbCommand command = connection.CreateCommand();
            command.CommandText = "ALTER TABLE stored_responses ADD COLUMN extra INTEGER CHECK (model <> 'poison')";
            await command.ExecuteNonQueryAsync(Cancel);
        }
        (ResponseStore store, ResponseDrain drain) = New(database);
        await store.SaveAsync(Response("resp_1"));
        await store.SaveAsync(Response("resp_2") with { Model = "poison" });
        await store.SaveAsync(Response("resp_3") with { Model = "poison", ProviderId = "p1", Input = default, Response = default });
        await store.SaveAsync(Response("resp_4"));

        for (int i = 0; await drain.DrainOnceAsync(Cancel) > 0; i++)
        {
            i.ShouldBeLessThan(10);
        }

        _directory.GetFiles().ShouldHaveSingleItem().Name.ShouldEndWith(".response.refused");
        (await store.LoadAsync("resp_1", "key", Cancel)).ShouldNotBeNull();
        (await store.LoadAsync("resp_4", "key", Cancel)).ShouldNotBeNull();
        (await store.LoadAsync("resp_2", "key", Cancel)).ShouldBeNull();
    }

    [Theory]
    [InlineData("resp_018bcfe568007abcabcdef0123456789", 1_700_000_000_000)]
    [InlineData("resp_68c42de022c881948db7ed1cc2529f2e", null)]
    [InlineData("resp_1", null)]
    public void TimeOf_OnlyIdsOfAGateway(string id, long? ms) => ResponseId.TimeOf(id)?.ToUnixTimeMilliseconds().ShouldBe(ms!.Value);

    private async Task CheckAsync(TestDatabase database)
    {
        (ResponseStore store, ResponseDrain drain) = New(database);
        (await store.SaveAsync(Response("resp_1"))).ShouldBeTrue();
        (await store.SaveAsync(Response("resp_2") with { ProviderId = "p1", Input = default, Response = default })).ShouldBeTrue();

        await CheckFoundAsync(store);
        (await drain.DrainOnceAsync(Cancel)).ShouldBe(2);
        (await drain.DrainOnceAsync(Cancel)).ShouldBe(0);
        await CheckFoundAsync(store);
        // Moved again after a crash in between: nothing changes.
        await store.SaveAsync(Response("resp_1"));
        (await drain.DrainOnceAsync(Cancel)).ShouldBe(1);

        (await store.DeleteAsync("resp_1", "other", Cancel)).ShouldBeFalse();
        (await store.DeleteAsync("resp_1", "key", Cancel)).ShouldBeTrue();
        (await store.LoadAsync("resp_1", "key", Cancel)).ShouldBeNull();
    }

    private static async Task CheckFoundAsync(ResponseStore store)
    {
        StoredResponse kept = (await store.LoadAsync("resp_1", "key", Cancel)).ShouldNotBeNull();
        Encoding.UTF8.GetString(kept.Input.Span).ShouldBe("""[{"role":"user","content":"the question"}]""");
        Encoding.UTF8.GetString(kept.Response.Span).ShouldBe("""{"id":"resp_1"}""");
        kept.Model.ShouldBe("m");
        (await store.LoadAsync("resp_2", "key", Cancel)).ShouldNotBeNull().ProviderId.ShouldBe("p1");
        (await store.LoadAsync("resp_1", "other", Cancel)).ShouldBeNull();
    }

    private (ResponseStore Store, ResponseDrain Drain) New(TestDatabase database)
    {
        var spool = new ResponseSpool(_directory.FullName, durable: false);
        DatabaseReady ready = Ready();
        return (
            new ResponseStore(spool, new ResponseBody(_keys), database.Plain, ready, () => _options, TimeProvider.System),
            new ResponseDrain(spool, database.Plain, ready, TimeProvider.System, NullLogger<ResponseDrain>.Instance));
    }

    private static DatabaseReady Ready()
    {
        var ready = new DatabaseReady();
        ready.Set();
        return ready;
    }

    private static StoredResponse Response(string id) => new()
    {
        Id = id,
        KeyId = "key",
        Model = "m",
        CreatedAt = DateTimeOffset.UnixEpoch,
        Input = """[{"role":"user","content":"the question"}]"""u8.ToArray(),
        Response = Encoding.UTF8.GetBytes($$"""{"id":"{{id}}"}"""),
    };
}
