using Gateway.Tests.Storage;
using Gateway.Web.Administration;
using Gateway.Web.Storage;
using Microsoft.Extensions.Configuration;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration;

public class LocalAdministratorTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ensure_EmptyDatabase_MakesAPasswordOnce()
    {
        await using TestDatabase database = await TestDatabase.SqliteAsync();
        LocalAdministrator administrator = Administrator(database);
        string password = (await administrator.EnsureAsync(Cancel)).ShouldNotBeNull();
        (await administrator.EnsureAsync(Cancel)).ShouldBeNull();
        (await Administrator(database).EnsureAsync(Cancel)).ShouldBeNull("a restart makes no other");

        (await administrator.VerifyAsync(password, Cancel)).ShouldBeTrue();
        (await Administrator(database).VerifyAsync(password, Cancel)).ShouldBeTrue();
        (await administrator.VerifyAsync(password + " ", Cancel)).ShouldBeFalse();
        (await administrator.VerifyAsync("", Cancel)).ShouldBeFalse();
        await using GatewayDbContext context = await database.Contexts.CreateDbContextAsync(Cancel);
        string stored = context.Settings.Single().Value;
        stored.ShouldStartWith("pbkdf2-sha512$210000$");
        stored.ShouldNotContain(password);
    }

    [Fact]
    public async Task Verify_ConfiguredPassword_CountsAlone()
    {
        await using TestDatabase database = await TestDatabase.SqliteAsync();
        string made = (await Administrator(database).EnsureAsync(Cancel))!;
        LocalAdministrator configured = Administrator(database, "chosen");
        (await configured.EnsureAsync(Cancel)).ShouldBeNull();
        (await configured.VerifyAsync("chosen", Cancel)).ShouldBeTrue();
        (await configured.VerifyAsync(made, Cancel)).ShouldBeFalse();
        (await configured.StampAsync(Cancel)).ShouldNotBe(await Administrator(database).StampAsync(Cancel));
    }

    private static LocalAdministrator Administrator(TestDatabase database, string? password = null)
    {
        var ready = new DatabaseReady();
        ready.Set();
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Gateway:Admin:Password", password)]).Build();
        return new LocalAdministrator(new AdministrationDatabase(database.Contexts, ready), configuration, TimeProvider.System);
    }
}
