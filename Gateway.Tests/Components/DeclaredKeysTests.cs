using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Keys;
using Gateway.Tests.Cluster;
using Gateway.Web.Administration;
using Gateway.Web.Configuration;
using Gateway.Web.Storage.Catalog;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;
using TestContext = Xunit.TestContext;

namespace Gateway.Tests.Components;

public sealed class DeclaredKeysTests
{
    [Fact]
    public async Task List_ManyDeclaredKeys_ReadsTheirLastUseInOneQuery()
    {
        const int Keys = 3000;
        using var commands = new CommandLog();
        await using ConsoleContext console = await ConsoleContext.CreateAsync(s => s.AddSingleton<ILoggerProvider>(commands));
        console.Get<CatalogSources>().ReplaceFile(
            new CatalogDefinition { Keys = [.. Enumerable.Range(0, Keys).Select(i => new ApiKeyDefinition { Id = $"id-{i}", Name = $"key-{i}", Prefix = "ml-", Hash = KeyHash.OfKey($"ml-{i}"), Source = EntrySource.File })] },
            ProviderWeights.None).ShouldBeEmpty();
        DateTimeOffset late = DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000);
        await console.StoreAsync(Call("id-7", late.AddHours(-1)), Call("id-7", late), Call("id-2999", late.AddHours(-2)));
        commands.Lines.Lines.Clear();

        IReadOnlyList<KeyView> keys = await console.Get<KeyAdministration>().ListAsync(TestContext.Current.CancellationToken);

        keys.Count.ShouldBe(Keys);
        keys.Where(k => k.LastUsedAt is not null).Select(k => (k.Id, k.LastUsedAt)).ShouldBe([("id-2999", late.AddHours(-2)), ("id-7", late)]);
        commands.Lines.Lines.Count(l => l.Contains("SELECT", StringComparison.Ordinal)).ShouldBe(2);
    }

    private static UsageRecord Call(string key, DateTimeOffset at) =>
        new() { Id = Guid.CreateVersion7(), RequestId = key, StartedAt = at, KeyId = key, Path = "/v1/chat/completions", Status = 200 };

    /// <summary>What is sent to the database.</summary>
    private sealed class CommandLog : ILoggerProvider
    {
        public LogLines<CommandLog> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) =>
            categoryName == "Microsoft.EntityFrameworkCore.Database.Command" ? Lines : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

        public void Dispose()
        {
        }
    }
}
