using System.Net;
using System.Net.Http.Headers;
using Gateway.Core.Catalog;
using Gateway.Core.Keys;
using Gateway.Tests.Hosting;
using Gateway.Web.Endpoints;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Endpoints;

/// <summary>What a connection remembers of its last key must never decide who is calling.</summary>
public sealed class ConnectionKeyTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void SameKeyAgain_IsTheOneThatWasHashed()
    {
        var connection = new ConnectionKey();
        string header = "Bearer sk-one";

        PresentedKey first = connection.Of(header, header.AsSpan(7));

        connection.Of(header, header.AsSpan(7)).ShouldBeSameAs(first);
        // As a string of its own, which a header that the server does not know has with each request.
        connection.Of(new string(header), "sk-one").ShouldBeSameAs(first);
        first.Text.ShouldBe("sk-one");
        first.Hash.ShouldBe(KeyHash.OfKey("sk-one"));
    }

    [Fact]
    public void AnotherKey_IsAnotherOne()
    {
        var connection = new ConnectionKey();
        PresentedKey first = connection.Of("sk-one", "sk-one");

        PresentedKey second = connection.Of("sk-two", "sk-two");

        second.ShouldNotBeSameAs(first);
        second.Hash.ShouldBe(KeyHash.OfKey("sk-two"));
        connection.Of("sk-one", "sk-one").Hash.ShouldBe(KeyHash.OfKey("sk-one"));
    }

    // A reload that makes a new secret must not leave a connection with the hash behind the old one.
    [Fact]
    public void HashBehindASecret_FollowsTheSecret()
    {
        var key = new PresentedKey("token");
        byte[] one = [1, 2, 3];
        byte[] two = [4, 5, 6];

        key.Under(one).ShouldBe(KeyHash.OfKey("token").Under(one));
        key.Under(two).ShouldBe(KeyHash.OfKey("token").Under(two));
        key.Under(one).ShouldBe(KeyHash.OfKey("token").Under(one));
    }

    [Fact]
    public async Task Requests_OnOneConnection_AreEachJudgedByTheirOwnKey()
    {
        CatalogDefinition catalog = TestGateway.ModelOver(new Uri("http://127.0.0.1:9"));
        await using TestGateway gateway = await TestGateway.StartAsync(catalog with { Keys = [TestGateway.KeyOf("ml-one"), TestGateway.KeyOf("ml-two")] });
        int connections = 0;
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (context, cancellation) =>
            {
                Interlocked.Increment(ref connections);
                var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
                await socket.ConnectAsync(context.DnsEndPoint, cancellation);
                return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
            },
        };
        using var client = new HttpClient(handler) { BaseAddress = gateway.Address };

        (await AskAsync("ml-one")).ShouldBe(HttpStatusCode.OK);
        (await AskAsync("ml-one")).ShouldBe(HttpStatusCode.OK);
        (await AskAsync("ml-no1")).ShouldBe(HttpStatusCode.Unauthorized);
        (await AskAsync("ml-two")).ShouldBe(HttpStatusCode.OK);
        (await AskAsync(null)).ShouldBe(HttpStatusCode.Unauthorized);

        gateway.Catalog.Replace(catalog with { Keys = [TestGateway.KeyOf("ml-one")] }).ShouldBeEmpty();
        (await AskAsync("ml-two")).ShouldBe(HttpStatusCode.Unauthorized);
        (await AskAsync("ml-one")).ShouldBe(HttpStatusCode.OK);
        connections.ShouldBe(1);

        async Task<HttpStatusCode> AskAsync(string? key)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
            request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
            using HttpResponseMessage answer = await client.SendAsync(request, Cancel);
            await answer.Content.ReadAsByteArrayAsync(Cancel);
            return answer.StatusCode;
        }
    }
}
