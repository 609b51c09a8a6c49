using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.Core;
using Gateway.Tests.Hosting;
using Gateway.Web.Alerts;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Alerts;

public class WebhookSenderTests
{
    private static readonly GatewayOptions Local = new() { AllowedNetworks = [IPNetwork.Parse("127.0.0.0/8")] };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Send_WithASecret_IsSignedOverTimeAndBody()
    {
        await using ScriptedUpstream sink = ScriptedUpstream.Json("ok");
        using var sender = new WebhookSender(new GuardedDialer(() => Local), TimeProvider.System);

        await sender.SendAsync(sink.Url + "?token=x", "s3cret", Notice, Cancel);

        SeenRequest seen = sink.Seen.ShouldHaveSingleItem();
        (seen.Method, seen.Path).ShouldBe(("POST", "/v1?token=x"));
        string[] parts = seen.Headers[WebhookSender.SignatureHeader].Split(',');
        (string time, string signature) = (parts[0]["t=".Length..], parts[1]["v1=".Length..]);
        // As a receiver would do it, by itself.
        signature.ShouldBe(Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes("s3cret"), Encoding.UTF8.GetBytes($"{time}.{seen.Body}"))));
        JsonElement body = JsonElement.Parse(seen.Body);
        body.GetProperty("event").GetString().ShouldBe("fired");
        body.GetProperty("rule_id").GetString().ShouldBe("r");
        body.GetProperty("text").GetString().ShouldBe("all is red");
    }

    [Theory]
    [InlineData(500, true)]
    [InlineData(429, true)]
    [InlineData(404, false)]
    [InlineData(302, false)]
    public async Task Send_NotTaken_SaysWhetherAnotherTryMayHelp(int status, bool retry)
    {
        await using ScriptedUpstream sink = ScriptedUpstream.Json("no", status, "Location: http://127.0.0.1:1/\r\n");
        using var sender = new WebhookSender(new GuardedDialer(() => Local), TimeProvider.System);
        (await Should.ThrowAsync<AlertDeliveryException>(() => sender.SendAsync(sink.Url.ToString(), null, Notice, Cancel))).Retry.ShouldBe(retry);
        sink.Seen.ShouldHaveSingleItem().Headers.ContainsKey(WebhookSender.SignatureHeader).ShouldBeFalse();
    }

    // The address is checked when it is connected to: a name may have changed its mind since it was saved.
    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    [InlineData("[::ffff:127.0.0.1]")]
    public async Task Send_NetworkNotAllowed_ConnectsNowhere(string host)
    {
        await using ScriptedUpstream sink = ScriptedUpstream.Json("ok");
        using var sender = new WebhookSender(new GuardedDialer(() => new GatewayOptions()), TimeProvider.System);
        AlertDeliveryException refused = await Should.ThrowAsync<AlertDeliveryException>(() => sender.SendAsync($"http://{host}:{sink.Url.Port}/", "s", Notice, Cancel));
        (refused.Message, refused.Retry).ShouldBe((GuardedDialer.Refusal, false));
        sink.Seen.ShouldBeEmpty();
    }

    private static AlertNotice Notice { get; } = new() { Id = "n", Event = "fired", RuleId = "r", Rule = "errors", Severity = "info", At = TimeProvider.System.GetUtcNow(), Text = "all is red" };
}
