using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Core;
using Gateway.Core.Load;
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

        BodyRoom room = gateway.Services.GetRequiredService<BodyRoom>();

        for (int i = 0; i < 3; i++)
        {
            // Each gives back what it held; three together would be too many.
            using HttpResponseMessage fits = await SendAsync(gateway, MegaByte + 5, chunked);
            fits.StatusCode.ShouldBe(HttpStatusCode.OK, await fits.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            await Eventually.TrueAsync(() => room.Taken == 0);
        }
        using HttpResponseMessage large = await SendAsync(gateway, 3 * MegaByte, chunked);

        large.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        large.Headers.RetryAfter.ShouldNotBeNull();
        (await large.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("Gateway:Limits:MaxBufferedBytes");
        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
        await Eventually.TrueAsync(() => room.Taken == 0);
    }

    [Fact]
    public async Task Body_ThatDrips_HoldsWhatHasArrivedAndNotWhatIsAnnounced()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url), new() { MaxRetries = 0, MaxBufferedBytes = 8 * MegaByte });
        using TcpClient first = new();
        using TcpClient second = new();
        using TcpClient third = new();
        foreach (TcpClient dripper in (TcpClient[])[first, second, third])
        {
            await BeginAsync(gateway, dripper, announced: 30 * MegaByte, sent: 300_000);
        }
        BodyRoom room = gateway.Services.GetRequiredService<BodyRoom>();
        await Eventually.TrueAsync(() => room.Taken == 3 * MegaByte);

        using HttpResponseMessage other = await SendAsync(gateway, MegaByte + 5, chunked: false);

        other.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("/v1/chat/completions", "application/json")]
    [InlineData("/v1/audio/transcriptions", "multipart/form-data; boundary=b")]
    public async Task Body_ThatTakesTooLong_Is408InTheEnvelope(string path, string type)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(
            TestGateway.ModelOver(upstream.Url), new() { MaxRetries = 0, BodyTimeout = TimeSpan.FromMilliseconds(200) });
        using var dripper = new TcpClient();

        NetworkStream stream = await BeginAsync(gateway, dripper, announced: 1000, sent: 20, path, type);
        byte[] answer = new byte[4096];
        int length = await stream.ReadAtLeastAsync(answer, 200, throwOnEndOfStream: false, TestContext.Current.CancellationToken);

        string text = Encoding.ASCII.GetString(answer, 0, length);
        text.ShouldStartWith("HTTP/1.1 408 ");
        text.ShouldContain("Gateway:Limits:BodyTimeout");
        (await gateway.NextRecordAsync()).ErrorKind.ShouldBe("request_timeout");
    }

    [Theory]
    [InlineData("/v1/chat/completions", "application/json")]
    [InlineData("/v1/messages", "application/json")]
    [InlineData("/v1/audio/transcriptions", "multipart/form-data; boundary=b")]
    public async Task Body_ThatIsStillArrivingWhenTheProcessEnds_IsToldSo(string path, string type)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));
        using var dripper = new TcpClient();
        NetworkStream stream = await BeginAsync(gateway, dripper, announced: 1000, sent: 20, path, type);

        gateway.Services.GetRequiredService<LoadGates>().Close(new GatewayError(GatewayErrorKind.ShuttingDown, "The gateway was stopped."));

        byte[] answer = new byte[4096];
        int length = await stream.ReadAtLeastAsync(answer, 200, throwOnEndOfStream: false, TestContext.Current.CancellationToken);
        string text = Encoding.ASCII.GetString(answer, 0, length);
        text.ShouldStartWith("HTTP/1.1 503 ");
        text.ShouldContain("Connection: close");
        text.ShouldContain("The gateway was stopped.");
        (await gateway.NextRecordAsync()).ErrorKind.ShouldBe("shutting_down");
        upstream.Seen.ShouldBeEmpty();
    }

    private static async Task<NetworkStream> BeginAsync(
        TestGateway gateway, TcpClient client, int announced, int sent, string path = "/v1/chat/completions", string type = "application/json")
    {
        await client.ConnectAsync(gateway.Address.Host, gateway.Address.Port, TestContext.Current.CancellationToken);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {TestGateway.Key}\r\nContent-Type: {type}\r\nContent-Length: {announced}\r\n\r\n{new string('x', sent)}"),
            TestContext.Current.CancellationToken);
        return stream;
    }

    private static Task<HttpResponseMessage> SendAsync(TestGateway gateway, int bytes, bool chunked)
    {
        string body = TestGateway.Body("\"user\":\"" + new string('x', bytes - TestGateway.Body("\"user\":\"\"").Length) + "\"");
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TransferEncodingChunked = chunked;
        return gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
