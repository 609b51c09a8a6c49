using System.Collections;
using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Tests.Cluster;
using Gateway.Tests.Configuration;
using Gateway.Web.Administration;
using Gateway.Web.Configuration;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Catalog;
using Microsoft.Extensions.Configuration;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Storage;

/// <summary>A node with one processor has one thread in its pool: what takes it for tens of milliseconds stops every call through the gateway.</summary>
public class OffPoolTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Catalog_OfTheDatabase_IsMadeElsewhere()
    {
        var sources = new CatalogSources(new GatewayCatalog(), new LogLines<CatalogSources>());
        var routes = new WatchedList();

        await Task.Run(() => sources.CheckAsync(new CatalogDefinition { Routes = routes }, Cancel), Cancel);
        routes.ReadOn.ShouldBe(["Catalog"]);

        await Task.Run(() => sources.ReplaceDatabaseAsync(new DatabaseCatalog(1, new CatalogDefinition { Routes = routes })), Cancel);
        routes.ReadOn.ShouldBe(["Catalog"]);
    }

    [Fact]
    public async Task Settings_ThatChange_AreReadElsewhere()
    {
        using var files = new TestConfiguration();
        files.Yaml("keys: []");
        CheckedConfiguration read = files.Read();
        var catalog = new GatewayCatalog();
        string? madeOn = null;
        catalog.Changed += () => madeOn = Thread.CurrentThread.Name;
        using var reload = new ConfigurationReload(
            files.Configuration, read, new GatewayOptionsSource(read.Settings.Options), new CatalogSources(catalog, new LogLines<CatalogSources>()), TimeProvider.System,
            new LogLines<ConfigurationReload>());

        await reload.StartAsync(Cancel);
        files.Yaml("keys:\n  - {name: app, key: sk-of-the-application}\n");

        await Eventually.TrueAsync(() => madeOn is not null);
        madeOn.ShouldBe("Settings");
        await reload.StopAsync(Cancel);
    }

    [Fact]
    public void Settings_FileThatIsNotThere_CostsNoException()
    {
        using var files = new TestConfiguration();
        files.Read();
        int thrown = 0;
        void Count(object? sender, FirstChanceExceptionEventArgs e) => thrown += e.Exception is FileNotFoundException { FileName: { } name } && name.StartsWith(files.Directory, StringComparison.Ordinal) ? 1 : 0;

        AppDomain.CurrentDomain.FirstChanceException += Count;
        SettingsFiles.Fingerprint(files.Configuration.Place);
        AppDomain.CurrentDomain.FirstChanceException -= Count;

        thrown.ShouldBe(0, "appsettings.Production.json need not be there, and is looked for twice a second");
    }

    [Fact]
    public async Task Password_IsHashedElsewhere()
    {
        await using TestDatabase database = await TestDatabase.SqliteAsync();
        var ready = new DatabaseReady();
        ready.Set();
        var administrator = new LocalAdministrator(new AdministrationDatabase(database.Contexts, ready), new ConfigurationBuilder().Build(), TimeProvider.System);
        string password = (await administrator.EnsureAsync(Cancel))!;
        (await administrator.VerifyAsync(password, Cancel)).ShouldBeTrue();

        (await Task.Run(async () =>
        {
            await administrator.VerifyAsync("a guess", Cancel);
            return Thread.CurrentThread.Name;
        }, Cancel)).ShouldBe("Password");
    }

    // A node asks its database twice a second: a thread for each question leaves buffers behind that nobody uses again.
    [Fact]
    public async Task Threads_AreUsedAgain_AndAreAsManyAsThereIsWorkAtOnce()
    {
        const int AtOnce = 4;
        var threads = new ConcurrentDictionary<int, string>();
        using var together = new Barrier(AtOnce);
        int Work()
        {
            threads[Environment.CurrentManagedThreadId] = Thread.CurrentThread.Name!;
            return together.SignalAndWait(Eventually.Limit) ? 1 : 0;
        }

        for (int round = 0; round < 20; round++)
        {
            int[] met = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Task.Run(() => OffPool.RunAsync("Together", Work, Cancel), Cancel)));
            met.Sum().ShouldBe(AtOnce, "all of them at once");
        }

        threads.Values.ShouldAllBe(n => n == "Together");
        // Other tests use them as well.
        threads.Count.ShouldBeLessThan(20 * AtOnce / 2);
    }

    [Fact]
    public async Task Work_ThatFails_EndsNoThread()
    {
        await Should.ThrowAsync<InvalidOperationException>(() => Task.Run(() => OffPool.RunAsync<int>("Fails", () => throw new InvalidOperationException(), Cancel), Cancel));
        (await Task.Run(() => OffPool.RunAsync("After", () => 1, Cancel), Cancel)).ShouldBe(1, "a failure is its caller's");
    }

    [Fact]
    public async Task Every_UntilItIsToldToStop_WorksOnOneThread()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var threads = new HashSet<int>();
        int times = 0;

        Task every = OwnThread.Every("Test", TimeSpan.FromMilliseconds(5), TimeProvider.System, () =>
        {
            threads.Add(Environment.CurrentManagedThreadId);
            if (Interlocked.Increment(ref times) == 3)
            {
                stop.Cancel();
            }
        }, stop.Token);

        await every;
        times.ShouldBe(3);
        threads.Count.ShouldBe(1);
    }

    /// <summary>Holds nothing, and knows on which threads it was read.</summary>
    private sealed class WatchedList : IReadOnlyList<RouteDefinition>
    {
        public HashSet<string?> ReadOn { get; } = [];

        public int Count => 0;

        public RouteDefinition this[int index] => throw new ArgumentOutOfRangeException(nameof(index));

        public IEnumerator<RouteDefinition> GetEnumerator()
        {
            ReadOn.Add(Thread.CurrentThread.Name);
            return Enumerable.Empty<RouteDefinition>().GetEnumerator();
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
