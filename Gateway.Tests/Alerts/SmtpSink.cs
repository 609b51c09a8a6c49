using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Gateway.Tests.Alerts;

/// <summary>A mail server on a loopback port that keeps what it is told: every command, whether it came over TLS, and the messages.</summary>
internal sealed class SmtpSink : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    public SmtpSink()
    {
        Certificate = NewCertificate();
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;
    public X509Certificate2 Certificate { get; }
    public bool TlsFromTheStart { get; init; }
    public bool OffersStartTls { get; init; } = true;

    /// <summary>What <c>AUTH PLAIN</c> must carry.</summary>
    public string? Password { get; init; }
    public ConcurrentQueue<(bool Secure, string Line)> Commands { get; } = [];
    public ConcurrentQueue<string> Messages { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        Certificate.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                try
                {
                    await ServeAsync(client.GetStream());
                }
                catch (Exception e) when (e is IOException or AuthenticationException)
                {
                    // The client left, or does not trust us.
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(Stream stream)
    {
        bool secure = TlsFromTheStart;
        stream = secure ? await SecureAsync(stream) : stream;
        await SayAsync(stream, "220 sink ready");
        while (await ReadLineAsync(stream) is { } line)
        {
            Commands.Enqueue((secure, line));
            string verb = line.Split(' ', ':')[0].ToUpperInvariant();
            switch (verb)
            {
                case "EHLO":
                    await SayAsync(stream, "250-sink");
                    if (OffersStartTls && !secure)
                    {
                        await SayAsync(stream, "250-STARTTLS");
                    }
                    await SayAsync(stream, "250 AUTH LOGIN PLAIN");
                    break;
                case "STARTTLS":
                    await SayAsync(stream, "220 go on");
                    stream = await SecureAsync(stream);
                    secure = true;
                    break;
                case "AUTH":
                    bool known = Encoding.UTF8.GetString(Convert.FromBase64String(line.Split(' ')[2])).EndsWith("\0" + Password, StringComparison.Ordinal);
                    await SayAsync(stream, known ? "235 welcome" : "535 no");
                    break;
                case "DATA":
                    await SayAsync(stream, "354 go on");
                    var message = new StringBuilder();
                    while (await ReadLineAsync(stream) is { } text && text != ".")
                    {
                        message.Append(text.StartsWith('.') ? text[1..] : text).Append('\n');
                    }
                    Messages.Enqueue(message.ToString());
                    await SayAsync(stream, "250 queued as 1");
                    break;
                case "QUIT":
                    await SayAsync(stream, "221 bye");
                    return;
                default:
                    await SayAsync(stream, "250 ok");
                    break;
            }
        }
    }

    private async Task<Stream> SecureAsync(Stream stream)
    {
        var secured = new SslStream(stream);
        await secured.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = Certificate }, _stop.Token);
        return secured;
    }

    private async Task SayAsync(Stream stream, string line) => await stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"), _stop.Token);

    private async Task<string?> ReadLineAsync(Stream stream)
    {
        var line = new List<byte>();
        byte[] one = new byte[1];
        while (await stream.ReadAsync(one, _stop.Token) > 0)
        {
            if (one[0] == '\n')
            {
                return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
            }
            line.Add(one[0]);
        }
        return null;
    }

    private static X509Certificate2 NewCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=sink", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, true));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }
}
