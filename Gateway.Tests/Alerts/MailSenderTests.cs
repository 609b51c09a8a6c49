using System.Net;
using System.Text;
using Gateway.Core;
using Gateway.Web.Alerts;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Alerts;

public class MailSenderTests
{
    private static readonly GatewayOptions Local = new() { AllowedNetworks = [IPNetwork.Parse("127.0.0.0/8")] };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Send_WithStartTls_SignsInOverTlsOnlyAndTellsAll()
    {
        await using var sink = new SmtpSink { Password = "pässword" };

        await SendAsync(sink, Channel(sink, "starttls", "ada"), "pässword");

        string message = sink.Messages.ShouldHaveSingleItem();
        message.ShouldContain("To: <a@example.com>, <b@example.com>\n");
        Body(message).ShouldContain("Zürich ist rot\r\n");
        sink.Commands.Where(c => c.Line.StartsWith("AUTH", StringComparison.Ordinal)).ShouldHaveSingleItem().Secure.ShouldBeTrue();
        sink.Commands.Where(c => c.Line.StartsWith("RCPT", StringComparison.Ordinal)).Select(c => c.Line).ShouldBe(["RCPT TO:<a@example.com>", "RCPT TO:<b@example.com>"]);
    }

    [Fact]
    public async Task Send_WithTlsFromTheStart_IsTaken()
    {
        await using var sink = new SmtpSink { TlsFromTheStart = true };
        await SendAsync(sink, Channel(sink, "tls"), null);
        sink.Messages.ShouldHaveSingleItem();
        sink.Commands.ShouldAllBe(c => c.Secure);
    }

    // Somebody in between who takes the offer away must not get the message, let alone the password.
    [Fact]
    public async Task Send_StartTlsNotOffered_TellsNothing()
    {
        await using var sink = new SmtpSink { OffersStartTls = false };
        (await Should.ThrowAsync<AlertDeliveryException>(() => SendAsync(sink, Channel(sink, "starttls", "ada"), "secret"))).Message.ShouldContain("STARTTLS");
        sink.Commands.Select(c => c.Line).ShouldBe(["EHLO gateway"]);
    }

    [Fact]
    public async Task Send_CertificateNotTrusted_TellsNothing()
    {
        await using var sink = new SmtpSink();
        var mail = new MailSender(new GuardedDialer(() => Local), TimeProvider.System);
        (await Should.ThrowAsync<AlertDeliveryException>(() => mail.SendAsync(Channel(sink, "starttls", "ada"), "secret", Notice("x"), Cancel))).Message.ShouldContain("certificate");
        sink.Commands.ShouldAllBe(c => !c.Line.StartsWith("AUTH") && !c.Line.StartsWith("MAIL"));
    }

    [Fact]
    public async Task Send_WrongPassword_SaysSoAndIsNotTriedAgain()
    {
        await using var sink = new SmtpSink { Password = "right" };
        AlertDeliveryException refused = await Should.ThrowAsync<AlertDeliveryException>(() => SendAsync(sink, Channel(sink, "starttls", "ada"), "wrong"));
        refused.Retry.ShouldBeFalse();
        refused.Message.ShouldContain("refuses the user or the password");
        refused.Message.ShouldNotContain("wrong");
    }

    [Fact]
    public async Task Send_NetworkNotAllowed_ConnectsNowhere()
    {
        await using var sink = new SmtpSink();
        var mail = new MailSender(new GuardedDialer(() => new GatewayOptions()), TimeProvider.System, [sink.Certificate]);
        (await Should.ThrowAsync<AlertDeliveryException>(() => mail.SendAsync(Channel(sink, "starttls"), null, Notice("x"), Cancel))).Message.ShouldBe(GuardedDialer.Refusal);
        sink.Commands.ShouldBeEmpty();
    }

    // A rule's name is whatever people typed.
    [Fact]
    public async Task Send_NameWithLineEnds_MakesNoHeaderOfItsOwn()
    {
        await using var sink = new SmtpSink { TlsFromTheStart = true };
        var mail = new MailSender(new GuardedDialer(() => Local), TimeProvider.System, [sink.Certificate]);
        await mail.SendAsync(Channel(sink, "tls"), null, Notice("x\r\nBcc: <eve@example.com>\r\n\r\n."), Cancel);
        string head = sink.Messages.ShouldHaveSingleItem().Split("\n\n")[0];
        head.ShouldNotContain("Bcc:");
    }

    private static Task<string> SendAsync(SmtpSink sink, AlertChannel channel, string? password) =>
        new MailSender(new GuardedDialer(() => Local), TimeProvider.System, [sink.Certificate]).SendAsync(channel, password, Notice("errors"), Cancel);

    private static AlertChannel Channel(SmtpSink sink, string security, string? user = null) => new()
    {
        Type = AlertChannel.Email,
        Host = "127.0.0.1",
        Port = sink.Port,
        Security = security,
        User = user,
        From = "gateway@example.com",
        To = ["a@example.com", "b@example.com"],
    };

    private static AlertNotice Notice(string rule) => new()
    {
        Id = "n1",
        Event = "fired",
        RuleId = "r",
        Rule = rule,
        Severity = "critical",
        At = TimeProvider.System.GetUtcNow(),
        Text = ".\nZürich ist rot",
    };

    private static string Body(string message) => Encoding.UTF8.GetString(Convert.FromBase64String(message[message.IndexOf("\n\n", StringComparison.Ordinal)..].Replace("\n", "", StringComparison.Ordinal)));
}
