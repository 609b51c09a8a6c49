using System.Text.Json;
using Gateway.Tests.Storage;
using Gateway.Web.Administration;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration;

/// <summary>What becomes of a change whose transaction is about to end.</summary>
public sealed class CommitTests
{
    private const int DiskFull = 13;

    [Fact]
    public async Task Change_WhoeverAskedLeavesAtItsCommit_IsMadeAndInForce()
    {
        using var left = new CancellationTokenSource();
        Action happens = () => { };
        await using TestProduct product = ProductWith(new AtCommit(() => happens()));
        await product.StartAsync();
        happens = left.Cancel;

        (await product.Services.GetRequiredService<KeyAdministration>().CreateAsync(new KeyChange { Name = "k" }, Actor.System, left.Token)).IsDone.ShouldBeTrue();

        left.IsCancellationRequested.ShouldBeTrue();
        product.Catalog.Current.Keys.Values.ShouldContain(k => k.Name == "k");
    }

    // SQLite has ended the transaction itself then; the next one may not find the remains of it.
    [Fact]
    public async Task Change_CommitFails_Is503WithoutAnErrorInTheLog_AndMayBeTriedAgain()
    {
        var errors = new ErrorCount();
        bool full = false;
        await using TestProduct product = ProductWith(new AtCommit(() =>
        {
            if (full)
            {
                throw new SqliteException("database or disk is full", DiskFull);
            }
        }), errors);
        HttpClient admin = await product.StartAsync();

        full = true;
        JsonElement refused = await admin.PostAsync("/admin/v1/keys", """{"name":"k"}""", 503);
        full = false;
        await admin.PostAsync("/admin/v1/keys", """{"name":"k"}""");

        refused.GetProperty("detail").GetString().ShouldNotBeNull().ShouldContain("database or disk is full");
        errors.Count.ShouldBe(0);
    }

    private static TestProduct ProductWith(AtCommit atCommit, ILoggerProvider? log = null) => new()
    {
        Beside = services =>
        {
            atCommit.Watch(services);
            if (log is not null)
            {
                services.AddSingleton(log);
            }
        },
    };

    private sealed class ErrorCount : ILoggerProvider, ILogger
    {
        private int _count;

        public int Count => _count;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Interlocked.Increment(ref _count);

        public void Dispose()
        {
        }
    }
}
