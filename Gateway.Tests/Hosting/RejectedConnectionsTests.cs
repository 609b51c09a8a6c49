using System.Net;
using System.Net.Sockets;
using Gateway.Tests.Storage.Usage;
using Gateway.Web.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Hosting;

public class RejectedConnectionsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // A line for each let anybody who can connect write the log full.
    [Fact]
    public async Task MoreConnectionsThanThereMayBe_AreCountedAndToldOnce()
    {
        var log = new UsageFixture.RecordedLog<RejectedConnections>();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton<ILogger<RejectedConnections>>(log);
        builder.Services.AddSingleton<RejectedConnections>().AddHostedService(s => s.GetRequiredService<RejectedConnections>());
        builder.WebHost.ConfigureKestrel(k =>
        {
            k.Listen(IPAddress.Loopback, 0);
            k.Limits.MaxConcurrentConnections = 1;
        });
        await using WebApplication app = builder.Build();
        await app.StartAsync(Cancel);
        int port = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
        var rejected = app.Services.GetRequiredService<RejectedConnections>();

        var clients = new List<TcpClient>();
        for (int i = 0; i < 6; i++)
        {
            var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port, Cancel);
            clients.Add(client);
        }
        // The first one's thread writes the line, maybe after the others have counted theirs.
        await Eventually.TrueAsync(() => rejected.Count >= 5 && log.Lines.Count > 0);

        log.Lines.ShouldHaveSingleItem().Level.ShouldBe(LogLevel.Warning);
        clients.ForEach(c => c.Dispose());
    }
}
