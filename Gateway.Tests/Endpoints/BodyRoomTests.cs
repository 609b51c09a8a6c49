using System.Net;
using System.Text;
using Gateway.Tests.Hosting;
using Gateway.Web.Endpoints;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Endpoints;

/// <summary>What large requests may take of memory together.</summary>
public sealed class BodyRoomTests
{
    private const int MegaByte = 1024 * 1024;

    [Fact]
    public void TryHold_BeyondTheMost_IsRefusedUntilSomeIsGivenBack()
    {
        var room = new BodyRoom(() => 4 * MegaByte);
        long first = 0;
        long second = 0;
        room.TryHold(300_000, ref first).ShouldBeTrue();
        room.TryHold(3 * MegaByte, ref first).ShouldBeTrue();
        first.ShouldBe(3 * MegaByte, "in steps, what it had counted in");
        room.TryHold(2 * MegaByte, ref second).ShouldBeFalse();
        second.ShouldBe(0);
        room.TryHold(MegaByte, ref second).ShouldBeTrue();
        room.GiveBack(first);
        room.TryHold(4 * MegaByte, ref second).ShouldBeTrue();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_LargerThanTheRoom_Is503AndSmallOnesGoOn(bool chunked)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url), new() { MaxRetries = 0, MaxBufferedBytes = 2 * MegaByte });

        for (int i = 0; i < 3; i++)
        {
            // Each gives back what it held; three together would be too many.
            using HttpResponseMessage fits = await SendAsync(gateway, MegaByte + 5, chunked);
            fits.StatusCode.ShouldBe(HttpStatusCode.OK, await fits.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
        using HttpResponseMessage large = await SendAsync(gateway, 3 * MegaByte, chunked);

        large.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        large.Headers.RetryAfter.ShouldNotBeNull();
        (await large.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("Gateway:Limits:MaxBufferedBytes");
        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
        gateway.Services.GetRequiredService<BodyRoom>().Taken.ShouldBe(0);
    }

    private static Task<HttpResponseMessage> SendAsync(TestGateway gateway, int bytes, bool chunked)
    {
        string body = TestGateway.Body("\"user\":\"" + new string('x', bytes - TestGateway.Body("\"user\":\"\"").Length) + "\"");
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TransferEncodingChunked = chunked;
        return gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
