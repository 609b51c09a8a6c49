using System.Globalization;
using System.Net;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Providers;

public class UpstreamConnectionsTests
{
    // A machine that goes away without a word, while its answer is waited for, was noticed when the call's time was up.
    [Fact]
    public async Task Connection_WhileNothingIsSent_AsksWhetherThePeerIsThere()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Where the kernel tells of its timers.");
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);

        string port = ":" + upstream.Url.Port.ToString("X4", CultureInfo.InvariantCulture);
        IEnumerable<string[]> sockets = new[] { "/proc/net/tcp", "/proc/net/tcp6" }.SelectMany(File.ReadLines).Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        // The third word is the peer, the fourth 01 for established, the sixth begins with 02 while the keep-alive timer runs.
        sockets.ShouldContain(s => s[2].EndsWith(port, StringComparison.Ordinal) && s[3] == "01" && s[5].StartsWith("02:", StringComparison.Ordinal));
    }
}
