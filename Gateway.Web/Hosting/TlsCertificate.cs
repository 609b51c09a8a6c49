using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gateway.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Gateway.Web.Hosting;

/// <summary>
/// The certificate that clients are shown. Its files are looked at now and then, and what has changed is shown to connections made from
/// then on: those that run go on. (The web server's own way closes its port and cuts what runs there when a certificate changes.)
/// </summary>
internal sealed partial class TlsCertificate : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly TlsSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger<TlsCertificate> _logger;
    private byte[] _inForce;
    private bool _unreadable;
    private volatile SslStreamCertificateContext _current;

    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="CryptographicException">A file is no PEM, or the key is another certificate's.</exception>
    public TlsCertificate(TlsSettings settings, TimeProvider time, ILogger<TlsCertificate> logger)
    {
        (_settings, _time, _logger) = (settings, time, logger);
        _inForce = Read(settings);
        _current = Load(settings);
        LogShown();
    }

    /// <summary>For the web server, which asks with each connection.</summary>
    public TlsHandshakeCallbackOptions Handshake => new()
    {
        OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificateContext = _current }),
    };

    /// <summary>Reads both files.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">As before.</exception>
    /// <exception cref="CryptographicException">A file is no PEM, or the key is another certificate's.</exception>
    public static SslStreamCertificateContext Load(TlsSettings settings)
    {
        X509Certificate2 certificate;
        try
        {
            certificate = X509Certificate2.CreateFromPemFile(settings.Certificate, settings.Key);
        }
        catch (ArgumentException e)
        {
            throw new CryptographicException("The key is not that of the certificate.", e);
        }
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(settings.Certificate);
        // What leads to the root is in the file; it is not fetched from anywhere.
        return SslStreamCertificateContext.Create(certificate, chain, offline: true);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        byte[] seen = _inForce;
        return OwnThread.Every("TLS certificate", Interval, _time, () => seen = Look(seen), stoppingToken);
    }

    // Two files are replaced one after the other: they count once they have stood still.
    private byte[] Look(byte[] seen)
    {
        try
        {
            byte[] now = Read(_settings);
            if (!now.AsSpan().SequenceEqual(_inForce) && now.AsSpan().SequenceEqual(seen))
            {
                _current = Load(_settings);
                _inForce = now;
                LogShown();
            }
            _unreadable = false;
            return now;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            if (!_unreadable)
            {
                LogUnreadable(_settings.Certificate, e.Message);
            }
            _unreadable = true;
            return seen;
        }
    }

    private static byte[] Read(TlsSettings settings) =>
        SHA256.HashData([.. File.ReadAllBytes(settings.Certificate), .. File.ReadAllBytes(settings.Key)]);

    private void LogShown()
    {
        X509Certificate2 certificate = _current.TargetCertificate;
        DateTimeOffset end = certificate.NotAfter.ToUniversalTime();
        if (end > _time.GetUtcNow())
        {
            LogCertificate(_settings.Port, certificate.Subject, end);
        }
        else
        {
            LogExpired(_settings.Port, certificate.Subject, end);
        }
    }

    [LoggerMessage(LogLevel.Information, "TLS on port {Port} shows the certificate of {Subject}, valid until {End:u}.")]
    private partial void LogCertificate(int port, string subject, DateTimeOffset end);

    [LoggerMessage(LogLevel.Warning, "TLS on port {Port} shows the certificate of {Subject}, which ended at {End:u}: clients will refuse it.")]
    private partial void LogExpired(int port, string subject, DateTimeOffset end);

    [LoggerMessage(LogLevel.Error, "{File} or its key cannot be read: {Reason} The certificate that was read before stays.")]
    private partial void LogUnreadable(string file, string reason);
}
