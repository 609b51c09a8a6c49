using Gateway.Core.Live;
using Gateway.Core.Load;
using Gateway.Tests.Configuration;
using Gateway.Web.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Hosting;

public class StopTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_AskedToStopBeforeItHasStarted_EndsWithoutAnException()
    {
        WebApplicationBuilder builder = Builder();
        builder.Services.AddHostedService<StopsAtOnce>();
        await using WebApplication app = builder.Build();

        await app.RunUntilStoppedAsync();

        app.Lifetime.ApplicationStarted.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    public async Task Run_ThatCannotStart_ThrowsWhyAndEndsWhatRuns()
    {
        WebApplicationBuilder builder = Builder();
        builder.Services.AddSingleton<StoppedLater>().AddHostedService(s => s.GetRequiredService<StoppedLater>());
        builder.Services.AddHostedService<CannotStart>();
        await using WebApplication app = builder.Build();

        (await Should.ThrowAsync<IOException>(app.RunUntilStoppedAsync())).Message.ShouldBe("The port is taken.");

        app.Services.GetRequiredService<StoppedLater>().HadTime.ShouldBe(true);
    }

    [Theory]
    [InlineData("Urls", "http://192.0.2.1:0", "192.0.2.1, port")]
    [InlineData("Kestrel:Endpoints:a:Url", "127.0.0.1:80", "Kestrel:Endpoints says: Invalid url")]
    [InlineData("Kestrel:Endpoints:a:Url", "http://127.0.0.1:99999", "Kestrel:Endpoints")]
    [InlineData("Kestrel:Endpoints:a:Url", "", "The endpoint a is missing the required 'Url'")]
    public async Task Start_WhereItCannotListen_SaysWhichSettingsToLookAt(string key, string value, string told)
    {
        using var configuration = new TestConfiguration();
        WebApplicationBuilder builder = Builder();
        builder.Configuration[key] = value;
        builder.Services.AddSingleton(configuration.Read("--Gateway:Host=192.0.2.1").Settings);
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton<RunningCalls>().AddSingleton<LoadGates>().AddSingleton<Draining>();
        GracefulServer.Wrap(builder.Services);
        await using WebApplication app = builder.Build();

        (await Should.ThrowAsync<IOException>(app.RunUntilStoppedAsync())).Message.ShouldContain(told);
    }

    [Theory]
    [InlineData("1s", false)]
    [InlineData("1h", true)]
    public async Task Stop_WithAnAnswerThatNeverEnds_LeavesTheOthersTime(string grace, bool hurried)
    {
        using var configuration = new TestConfiguration();
        WebApplicationBuilder builder = Builder();
        builder.Services.AddSingleton(configuration.Read($"--Gateway:Shutdown:GracePeriod={grace}").Settings);
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton<RunningCalls>().AddSingleton<LoadGates>().AddSingleton<Draining>();
        builder.Services.Configure<HostOptions>(h => h.ShutdownTimeout = TimeSpan.FromSeconds(30));
        builder.Services.AddSingleton<StoppedLater>().AddHostedService(s => s.GetRequiredService<StoppedLater>());
        GracefulServer.Wrap(builder.Services);
        await using WebApplication app = builder.Build();
        var begun = new TaskCompletionSource();
        app.Run(context =>
        {
            begun.SetResult();
            return Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await app.StartAsync(Cancel);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        Task answer = client.GetAsync(new Uri(app.Urls.Single()), Cancel);
        await begun.Task;

        Task stop = app.StopAsync(Cancel);
        if (hurried)
        {
            app.Services.GetRequiredService<Draining>().Hurry();
        }
        await stop;

        app.Services.GetRequiredService<StoppedLater>().HadTime.ShouldBe(true);
        await Should.ThrowAsync<HttpRequestException>(answer);
    }

    private static WebApplicationBuilder Builder()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        return builder;
    }

    private sealed class StopsAtOnce(IHostApplicationLifetime lifetime) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            lifetime.StopApplication();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class CannotStart : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => throw new IOException("The port is taken.");

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>As the journal's drain: stopped when the web server is.</summary>
    private sealed class StoppedLater : IHostedService
    {
        public bool? HadTime { get; private set; }

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            HadTime = !cancellationToken.IsCancellationRequested;
            return Task.CompletedTask;
        }
    }
}
