using System.Net;
using System.Net.Sockets;
using Gateway.Providers.Http;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Providers;

public class HostLookupTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Addresses_OfAHost_ToAllWhoAskAtOnce()
    {
        IPAddress[][] all = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => HostLookup.AddressesOfAsync("localhost", Cancel)));

        all.ShouldAllBe(a => a.Any(IPAddress.IsLoopback));
    }

    [Fact]
    public async Task Addresses_OfNoHost_ThrowsAndCanBeAskedAgain()
    {
        for (int i = 0; i < 2; i++)
        {
            await Should.ThrowAsync<SocketException>(async () => await HostLookup.AddressesOfAsync("no-such-host.invalid", Cancel));
        }
    }
}
