using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Gateway.Providers.Http;

namespace Gateway.Web.Cluster.Redis;

/// <summary>Opens connections: socket, TLS, sign-in, database; within a second, or not at all.</summary>
internal sealed class RedisDialer(RedisSettings settings, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <param name="pushed">For a connection that subscribes: is handed the messages.</param>
    /// <returns>The connection, or why there is none; neither names a secret.</returns>
    public async Task<(RedisConnection? Connection, string Problem)> OpenAsync(Action<RedisReply>? pushed, CancellationToken cancellationToken)
    {
        Socket? socket = null;
        RedisConnection? connection = null;
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        string? problem;
        try
        {
            socket = await FirstAddress.ConnectAsync(await HostLookup.AddressesOfAsync(settings.Endpoint.Host, either.Token), settings.Endpoint.Port, either.Token);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (settings.Endpoint.Tls)
            {
                stream = await SecureAsync(stream, either.Token);
            }
            connection = new RedisConnection(socket, stream, settings.Timeout, pushed, time);
            connection.Start();
            problem = await SignInAsync(connection).WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            problem = "it does not answer";
        }
        catch (SocketException e)
        {
            problem = e.SocketErrorCode == SocketError.ConnectionRefused ? "connection refused" : e.Message;
        }
        catch (AuthenticationException)
        {
            problem = "its TLS certificate is not trusted (see Redis:CertificateAuthorityFile), or it does not speak TLS";
        }
        catch (IOException)
        {
            problem = "the connection broke while it was opened";
        }
        catch
        {
            await CloseAsync(connection, socket);
            throw;
        }
        if (problem is null)
        {
            return (connection, "");
        }
        await CloseAsync(connection, socket);
        return (null, problem);
    }

    private static async Task CloseAsync(RedisConnection? connection, Socket? socket)
    {
        socket?.Dispose();
        if (connection is not null)
        {
            await connection.DisposeAsync();
        }
    }

    private async Task<string?> SignInAsync(RedisConnection connection)
    {
        RedisEndpoint endpoint = settings.Endpoint;
        if (endpoint.Password is { } password)
        {
            RespCommand auth = endpoint.User is { } user ? new RespCommand("AUTH", user, password) : new RespCommand("AUTH", password);
            if (await connection.SendAsync(auth) is { IsAnswer: false } refused)
            {
                return refused.Kind == RedisReplyKind.None ? refused.Text : "it refuses the user or the password";
            }
        }
        if (endpoint.Database != 0
            && await connection.SendAsync(new RespCommand("SELECT", endpoint.Database.ToString(CultureInfo.InvariantCulture))) is { IsAnswer: false } unselected)
        {
            return unselected.Kind == RedisReplyKind.None ? unselected.Text : $"it has no database {endpoint.Database} for this user";
        }
        // Also when nothing else was asked: a port that answers may have nobody behind it.
        RedisReply pong = await connection.SendAsync(new RespCommand("PING"));
        return pong.IsAnswer ? null : pong.ErrorCode switch
        {
            "" => pong.Text,
            "NOAUTH" => "it wants a password",
            string code => $"it answers {code}",
        };
    }

    private async Task<SslStream> SecureAsync(Stream stream, CancellationToken cancellationToken)
    {
        var secure = new SslStream(stream);
        var options = new SslClientAuthenticationOptions { TargetHost = settings.Endpoint.Host };
        if (settings.Authorities is { } authorities)
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }
        await secure.AuthenticateAsClientAsync(options, cancellationToken);
        return secure;
    }
}
