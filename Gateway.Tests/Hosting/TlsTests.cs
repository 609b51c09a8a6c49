using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gateway.Tests.Administration;
using Gateway.Tests.Configuration;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Hosting;

/// <summary>The port that is served by TLS, and what becomes of it when its certificate is replaced.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("gateway-tls-").FullName;

    private string Certificate => Path.Combine(_directory, "tls.crt");

    private string Key => Path.Combine(_directory, "tls.key");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CertificateThatIsReplaced_IsShownToNewConnections_AndCutsNone()
    {
        WriteCertificate("one");
        await using var product = new TestProduct
        {
            OnSocket = true,
            Settings = { ["Gateway:Tls:Certificate"] = Certificate, ["Gateway:Tls:Key"] = Key, ["Gateway:Tls:Port"] = "0" },
        };
        await product.StartAsync();
        ICollection<string> addresses = product.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        var address = new Uri(addresses.Single(a => a.StartsWith("https:", StringComparison.Ordinal)));
        addresses.ShouldContain(a => a.StartsWith("http:", StringComparison.Ordinal));
        await using SslStream running = await ConnectAsync(address);
        SubjectOf(running).ShouldBe("CN=one");
        (await AskAsync(running)).ShouldStartWith("HTTP/1.1 200 ");

        // One that cannot be read changes nothing.
        await File.WriteAllTextAsync(Certificate, "half a file", Cancel);
        await using (SslStream another = await ConnectAsync(address))
        {
            SubjectOf(another).ShouldBe("CN=one");
        }
        WriteCertificate("two");
        await Eventually.TrueAsync(async () =>
        {
            await using SslStream next = await ConnectAsync(address);
            return SubjectOf(next) == "CN=two" && (await AskAsync(next)).StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal);
        });
        (await AskAsync(running)).ShouldStartWith("HTTP/1.1 200 ");
    }

    // Kestrel cuts slow readers by the connection, which would be all calls of one client or proxy.
    [Fact]
    public async Task Http2_IsNotOffered()
    {
        WriteCertificate("one");
        await using var product = new TestProduct
        {
            OnSocket = true,
            Settings = { ["Gateway:Tls:Certificate"] = Certificate, ["Gateway:Tls:Key"] = Key, ["Gateway:Tls:Port"] = "0" },
        };
        await product.StartAsync();
        string address = product.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single(a => a.StartsWith("https:", StringComparison.Ordinal));

        await using SslStream stream = await ConnectAsync(new Uri(address), SslApplicationProtocol.Http2, SslApplicationProtocol.Http11);

        stream.NegotiatedApplicationProtocol.ShouldBe(SslApplicationProtocol.Http11);
        (await AskAsync(stream)).ShouldStartWith("HTTP/1.1 200 ");
    }

    [Fact]
    public void ChainInTheFile_IsShownToClients()
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var betweenKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 root = RequestOf("root", rootKey, signs: true).CreateSelfSigned(now.AddDays(-3), now.AddDays(3));
        using X509Certificate2 unsigned = RequestOf("between", betweenKey, signs: true).Create(root, now.AddDays(-2), now.AddDays(2), [1]);
        using X509Certificate2 between = unsigned.CopyWithPrivateKey(betweenKey);
        using X509Certificate2 leaf = RequestOf("leaf", key, signs: false).Create(between, now.AddDays(-1), now.AddDays(1), [2]);
        // In one file with its key, as some tools write it.
        File.WriteAllText(Certificate, leaf.ExportCertificatePem() + "\n" + between.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());

        SslStreamCertificateContext context = Gateway.Web.Hosting.TlsCertificate.Load(new Gateway.Web.Hosting.TlsSettings(0, Certificate, Certificate));

        context.TargetCertificate.Subject.ShouldBe("CN=leaf");
        context.TargetCertificate.HasPrivateKey.ShouldBeTrue();
        context.IntermediateCertificates.Select(c => c.Subject).ShouldContain("CN=between");
    }

    [Theory]
    [InlineData("no certificate", null)]
    [InlineData(null, "no key")]
    [InlineData(null, "")]
    public void WhatCannotBeRead_IsAnErrorOfItsSetting(string? certificate, string? key)
    {
        WriteCertificate("one");
        File.WriteAllText(certificate is null ? Key : Certificate, certificate ?? key);

        Errors().ShouldHaveSingleItem().ShouldStartWith("Gateway:Tls:Certificate (with Gateway:Tls:Key) cannot be read");
    }

    [Fact]
    public void KeyOfAnotherCertificate_IsAnError()
    {
        WriteCertificate("one");
        string other = File.ReadAllText(Key);
        WriteCertificate("two");
        File.WriteAllText(Key, other);

        Errors().ShouldHaveSingleItem().ShouldStartWith("Gateway:Tls:Certificate");
    }

    public void Dispose() => Directories.Remove(_directory);

    private IReadOnlyList<string> Errors()
    {
        using var test = new TestConfiguration();
        return test.ReadErrors($"--Gateway:Tls:Certificate={Certificate}", $"--Gateway:Tls:Key={Key}");
    }

    private static async Task<SslStream> ConnectAsync(Uri address, params SslApplicationProtocol[] protocols)
    {
        var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        await socket.ConnectAsync(address.Host, address.Port, Cancel);
        var stream = new SslStream(new System.Net.Sockets.NetworkStream(socket, ownsSocket: true));
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", ApplicationProtocols = [.. protocols], RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null && shown.Subject == shown.Issuer }, Cancel);
        return stream;
    }

    private static string SubjectOf(SslStream stream) => stream.RemoteCertificate!.Subject;

    private static async Task<string> AskAsync(SslStream stream)
    {
        await stream.WriteAsync("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray(), Cancel);
        byte[] answer = new byte[4096];
        int length = 0;
        // Whole, to its last chunk: what is left of it would begin the next one.
        while (!answer.AsSpan(0, length).EndsWith("0\r\n\r\n"u8) && await stream.ReadAsync(answer.AsMemory(length), Cancel) is var read and > 0)
        {
            length += read;
        }
        return Encoding.ASCII.GetString(answer, 0, length);
    }

    private static CertificateRequest RequestOf(string name, ECDsa key, bool signs)
    {
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(signs, false, 0, true));
        return request;
    }

    private void WriteCertificate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 certificate = RequestOf(name, key, signs: false).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllText(Key, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Certificate, certificate.ExportCertificatePem());
    }
}
