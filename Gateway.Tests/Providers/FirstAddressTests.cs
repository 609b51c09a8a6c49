using System.Net;
using System.Net.Sockets;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Providers.Http;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Providers;

/// <summary>Names with several addresses, of which some are of machines that are gone.</summary>
public sealed class FirstAddressTests
{
    private static readonly IPAddress Silent = IPAddress.Parse("127.0.0.2");
    private static readonly IPAddress Refusing = IPAddress.Parse("127.0.0.3");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Upstream_FirstAddressOfItsNameSaysNothing_IsReachedByTheNext()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json("{}");
        await using SilentListener silent = await SilentListener.StartAsync(Silent, upstream.Url.Port);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(new Uri($"http://two.example:{upstream.Url.Port}/v1")));
        Provider provider = gateway.Catalog.Current.Providers["provider-0"];
        var connections = new UpstreamConnections(
            () => new GatewayOptions { ConnectTimeout = TimeSpan.FromSeconds(60), AllowedNetworks = [IPNetwork.Parse("127.0.0.0/8")] },
            (_, _) => Task.FromResult<IPAddress[]>([Silent, Refusing, IPAddress.Loopback]));

        using var request = new HttpRequestMessage(HttpMethod.Get, provider.BaseUrl);
        using HttpResponseMessage answer = await connections.For(provider).SendAsync(request, Cancel);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        upstream.Seen.Count.ShouldBe(1);
    }

    [Fact]
    public async Task NoAddressAnswers_SaysWhatTheLastSaid()
    {
        SocketException refused = await Should.ThrowAsync<SocketException>(() => FirstAddress.ConnectAsync([Refusing, IPAddress.Parse("127.0.0.4")], UnusedPort(), Cancel));
        refused.SocketErrorCode.ShouldBe(SocketError.ConnectionRefused);
    }

    [Fact]
    public async Task GivenUpWhileAllAreSilent_EndsAtOnce()
    {
        int port = UnusedPort();
        await using SilentListener one = await SilentListener.StartAsync(Silent, port);
        await using SilentListener two = await SilentListener.StartAsync(Refusing, port);
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(400));

        await Should.ThrowAsync<OperationCanceledException>(() => FirstAddress.ConnectAsync([Silent, Refusing], port, patience.Token)).WaitAsync(Eventually.Limit, Cancel);
    }

    [Fact]
    public void Families_TakeTurns()
    {
        IPAddress[] addresses = [.. new[] { "2001:db8::1", "2001:db8::2", "2001:db8::3", "192.0.2.1", "192.0.2.2" }.Select(IPAddress.Parse)];

        FirstAddress.InTurn(addresses).Select(a => a.ToString()).ShouldBe(["2001:db8::1", "192.0.2.1", "2001:db8::2", "192.0.2.2", "2001:db8::3"]);
    }

    private static int UnusedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Says nothing to who connects, as a machine that is gone: its queue of connections is full, so the kernel drops the next.</summary>
    private sealed class SilentListener : IAsyncDisposable
    {
        private readonly List<Socket> _sockets = [];

        public static async Task<SilentListener> StartAsync(IPAddress address, int port)
        {
            Assert.SkipUnless(OperatingSystem.IsLinux(), "Other systems refuse when the queue is full.");
            var silent = new SilentListener();
            var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
            silent._sockets.Add(listener);
            listener.Bind(new IPEndPoint(address, port));
            listener.Listen(backlog: 0);
            for (bool full = false; !full;)
            {
                var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
                silent._sockets.Add(client);
                using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
                try
                {
                    await client.ConnectAsync(address, port, patience.Token);
                }
                catch (OperationCanceledException)
                {
                    full = true;
                }
            }
            return silent;
        }

        public ValueTask DisposeAsync()
        {
            _sockets.ForEach(s => s.Dispose());
            return ValueTask.CompletedTask;
        }
    }
}
