using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.E2E.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.E2E.Crash;

/// <summary>Clients that reset their connection in the middle of a body are their own business, and no errors in the log.</summary>
public sealed class BrokenUploadTests(RunningGateway gateway) : IClassFixture<RunningGateway>
{
    private const int Clients = 100;

    [Theory]
    [InlineData("/v1/chat/completions", "application/json")]
    [InlineData("/v1/audio/transcriptions", "multipart/form-data; boundary=b")]
    public async Task Reset_InTheMiddleOfABody_IsNoErrorInTheLog(string path, string type)
    {
        string head = $"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {gateway.Key}\r\nContent-Type: {type}\r\nContent-Length: 5000000\r\nExpect: 100-continue\r\n\r\n";
        var clients = new List<Socket>();
        for (int i = 0; i < Clients; i++)
        {
            var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { LingerState = new LingerOption(enable: true, seconds: 0) };
            await client.ConnectAsync(IPAddress.Loopback, new Uri(gateway.Url).Port, TestContext.Current.CancellationToken);
            await client.SendAsync(Encoding.ASCII.GetBytes(head), TestContext.Current.CancellationToken);
            // "100 Continue": the body is being read.
            await client.ReceiveAsync(new byte[100], TestContext.Current.CancellationToken);
            await client.SendAsync(new byte[200_000], TestContext.Current.CancellationToken);
            clients.Add(client);
        }

        clients.ForEach(c => c.Dispose());

        await AllAreInTheLogAsync(path);
        gateway.Output.ShouldNotContain("\"LogLevel\":\"Error\"");
    }

    private Task AllAreInTheLogAsync(string path) => Eventually.TrueAsync(() =>
        gateway.Output.Split('\n').Count(l => l.Contains($"\"path\":\"{path}\"", StringComparison.Ordinal) && l.Contains("\"client_closed\"", StringComparison.Ordinal)) >= Clients);
}
