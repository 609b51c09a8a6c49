using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Gateway.Tests.Hosting;

/// <summary>Bytes on a socket that no HTTP client would send.</summary>
internal static class RawHttp
{
    /// <summary>Sends these bytes, and reads until the server closes the connection.</summary>
    /// <param name="text">Latin-1.</param>
    public static async Task<string> ExchangeAsync(Uri address, string text)
    {
        using var client = new TcpClient();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Eventually.Limit);
        await client.ConnectAsync(address.Host, address.Port, limit.Token);
        NetworkStream stream = client.GetStream();
        var answer = new MemoryStream();
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(text), limit.Token);
            await stream.CopyToAsync(answer, limit.Token);
        }
        catch (IOException)
        {
            // A reset is a way to close, too; what came before it counts.
        }
        return Encoding.Latin1.GetString(answer.ToArray());
    }

    /// <summary>The status of each answer on the connection.</summary>
    public static int[] StatusesOf(string answers) =>
        [.. answers.Split("HTTP/1.1 ").Skip(1).Select(a => int.Parse(a[..3], System.Globalization.CultureInfo.InvariantCulture))];
}
