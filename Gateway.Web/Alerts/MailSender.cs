using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Gateway.Web.Alerts;

/// <summary>Sends notices as mail.</summary>
/// <param name="authorities">Whom certificates may be from, instead of those that the system trusts.</param>
internal sealed class MailSender(GuardedDialer dialer, TimeProvider time, X509Certificate2Collection? authorities = null)
{
    private const int LineBytes = 57;

    /// <exception cref="AlertDeliveryException">It was not taken.</exception>
    public async Task<string> SendAsync(AlertChannel channel, string? password, AlertNotice notice, CancellationToken cancellationToken)
    {
        try
        {
            await using Stream raw = await dialer.ConnectAsync(channel.Host!, channel.Port, cancellationToken);
            bool secure = channel.Security == "tls";
            Stream stream = secure ? await SecureAsync(raw, channel.Host!, cancellationToken) : raw;
            var session = new SmtpSession(stream);
            await session.ExpectAsync(220, cancellationToken);
            await session.HelloAsync(cancellationToken);
            if (channel.Security == "starttls")
            {
                if (!session.Offers("STARTTLS"))
                {
                    throw new AlertDeliveryException("The mail server does not offer STARTTLS.", retry: false);
                }
                await session.CommandAsync("STARTTLS", 220, cancellationToken);
                stream = await SecureAsync(raw, channel.Host!, cancellationToken);
                // What was said before is forgotten: anybody could have said it.
                session = new SmtpSession(stream);
                await session.HelloAsync(cancellationToken);
                secure = true;
            }
            if (channel.User is { Length: > 0 } user && password is not null)
            {
                if (!secure)
                {
                    throw new AlertDeliveryException("A password is sent over TLS only.", retry: false);
                }
                await session.SignInAsync(user, password, cancellationToken);
            }
            await session.CommandAsync($"MAIL FROM:<{channel.From}>", 250, cancellationToken);
            foreach (string to in channel.To)
            {
                await session.CommandAsync($"RCPT TO:<{to}>", 250, cancellationToken);
            }
            await session.CommandAsync("DATA", 354, cancellationToken);
            string answer = await session.DataAsync(Message(channel, notice), cancellationToken);
            await session.QuitAsync(cancellationToken);
            return $"It was taken: {answer}";
        }
        catch (AuthenticationException)
        {
            throw new AlertDeliveryException("The mail server's certificate is not trusted, or it does not speak TLS.", retry: false);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            throw new AlertDeliveryException("There was no connection to the mail server, or it broke.", retry: true);
        }
    }

    private async Task<SslStream> SecureAsync(Stream raw, string host, CancellationToken cancellationToken)
    {
        var secured = new SslStream(raw, leaveInnerStreamOpen: true);
        var options = new SslClientAuthenticationOptions { TargetHost = host };
        if (authorities is not null)
        {
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }
        await secured.AuthenticateAsClientAsync(options, cancellationToken);
        return secured;
    }

    private string Message(AlertChannel channel, AlertNotice notice)
    {
        DateTimeOffset now = time.GetUtcNow();
        string subject = $"[{notice.Event}] {notice.Rule}";
        string body = string.Create(CultureInfo.InvariantCulture, $"{notice.Text}\n\nRule: {notice.Rule}\nSeverity: {notice.Severity}\nAt: {notice.At:yyyy-MM-dd HH:mm:ss} UTC\n{(notice.Since is { } since ? $"Since: {since:yyyy-MM-dd HH:mm:ss} UTC\n" : "")}");
        var text = new StringBuilder();
        text.Append("From: <").Append(channel.From).Append(">\r\n");
        text.Append("To: ").AppendJoin(", ", channel.To.Select(t => $"<{t}>")).Append("\r\n");
        text.Append("Subject: ").Append(Encoded(subject)).Append("\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Date: {now.UtcDateTime:ddd, dd MMM yyyy HH:mm:ss} +0000\r\n");
        text.Append("Message-ID: <").Append(notice.Id).Append('.').Append(now.ToUnixTimeMilliseconds()).Append("@gateway>\r\n");
        text.Append("Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n");
        byte[] bytes = Encoding.UTF8.GetBytes(body.ReplaceLineEndings("\r\n"));
        for (int at = 0; at < bytes.Length; at += LineBytes)
        {
            text.Append(Convert.ToBase64String(bytes, at, Math.Min(LineBytes, bytes.Length - at))).Append("\r\n");
        }
        return text.ToString();
    }

    /// <summary>A header's text in pieces of RFC 2047: names are whatever people typed, and must not begin a header of their own.</summary>
    internal static string Encoded(string text)
    {
        if (text.Length < 60 && text.All(c => c is >= ' ' and < (char)127) && !text.Contains("=?", StringComparison.Ordinal))
        {
            return text;
        }
        const int Piece = 42;
        var pieces = new List<string>();
        var piece = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (Encoding.UTF8.GetByteCount(piece.ToString()) + rune.Utf8SequenceLength > Piece)
            {
                pieces.Add(piece.ToString());
                piece.Clear();
            }
            piece.Append(rune);
        }
        pieces.Add(piece.ToString());
        return string.Join("\r\n ", pieces.Select(p => $"=?utf-8?B?{Convert.ToBase64String(Encoding.UTF8.GetBytes(p))}?="));
    }
}
