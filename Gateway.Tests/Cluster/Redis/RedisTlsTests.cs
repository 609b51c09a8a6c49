using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gateway.Web.Cluster.Redis;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Cluster.Redis;

public sealed class RedisTlsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rediss_CertificateOfAKnownAuthority_IsUsed_OfAnUnknownOneOrForAnotherHost_IsNot()
    {
        string directory = Directory.CreateTempSubdirectory("gateway-redis-tls-").FullName;
        try
        {
            using X509Certificate2 certificate = Certificate("localhost");
            await File.WriteAllTextAsync(Path.Combine(directory, "cert.pem"), certificate.ExportCertificatePem(), Cancel);
            await File.WriteAllTextAsync(Path.Combine(directory, "key.pem"), certificate.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem(), Cancel);
            int port = FreePort.Next();
            await using RedisServer server = await RedisServer.StartAsync(
                "--tls-port", port.ToString(CultureInfo.InvariantCulture), "--tls-cert-file", Path.Combine(directory, "cert.pem"),
                "--tls-key-file", Path.Combine(directory, "key.pem"), "--tls-ca-cert-file", Path.Combine(directory, "cert.pem"), "--tls-auth-clients", "no");
            RedisSettings settings = server.Settings(url: $"rediss://localhost:{port}") with { Authorities = [certificate] };

            (await OpenAsync(settings)).ShouldBe("");
            (await OpenAsync(settings with { Authorities = null })).ShouldContain("not trusted");
            (await OpenAsync(settings with { Authorities = [Certificate("localhost")] })).ShouldContain("not trusted");
            (await OpenAsync(settings with { Endpoint = settings.Endpoint with { Host = "127.0.0.1" } })).ShouldContain("not trusted");
            (await OpenAsync(settings with { Endpoint = settings.Endpoint with { Port = server.Port } })).ShouldNotBe("");
        }
        finally
        {
            Directories.Remove(directory);
        }
    }

    private static async Task<string> OpenAsync(RedisSettings settings)
    {
        (RedisConnection? connection, string problem) = await new RedisDialer(settings, TimeProvider.System).OpenAsync(null, Cancel);
        if (connection is not null)
        {
            await connection.DisposeAsync();
        }
        return problem;
    }

    private static X509Certificate2 Certificate(string host)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=" + host, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, true));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
