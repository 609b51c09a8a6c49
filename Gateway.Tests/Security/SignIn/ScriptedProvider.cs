using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.Tests.Security.SignIn;

/// <summary>An OpenID Connect provider on loopback that does what it is told, right or wrong.</summary>
internal sealed class ScriptedProvider : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, Grant> _grants = new();

    private ScriptedProvider(WebApplication app) => _app = app;

    /// <summary>Below the server's root, as realms and directories are.</summary>
    public string BasePath { get; init; } = "/main";
    public string Authority { get; private set; } = "";

    /// <summary>As in the discovery document; the authority by default.</summary>
    public string? Issuer { get; set; }
    public JsonObject Claims { get; set; } = new() { ["sub"] = "s-1", ["name"] = "Ada", ["email"] = "ada@example.com", ["email_verified"] = true, ["groups"] = new JsonArray("admins") };

    /// <summary>Changes a token's payload when it holds everything.</summary>
    public Action<JsonObject> Payload { get; set; } = _ => { };

    /// <summary>Takes the payload and makes the token of it.</summary>
    public Func<ScriptedProvider, JsonObject, string> Sign { get; set; } = (provider, payload) => provider.Rs256(payload);

    public Key Signing { get; set; } = new("k1");
    public List<Key> Published { get; } = [];
    public Func<HttpContext, Task>? Discovery { get; set; }
    public Func<HttpContext, Task>? Token { get; set; }
    public bool OffersSignOut { get; set; } = true;
    public int KeyReads;
    public int TokenCalls;

    public static async Task<ScriptedProvider> StartAsync(string basePath = "/main")
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        var provider = new ScriptedProvider(app) { BasePath = basePath };
        provider.Published.Add(provider.Signing);
        app.Run(provider.AnswerAsync);
        await app.StartAsync();
        provider.Authority = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + basePath;
        return provider;
    }

    /// <summary>What a person's browser gets back after agreeing: the address of the console that it is sent to.</summary>
    public Uri Agree(Uri authorize)
    {
        var query = QueryHelpers.ParseQuery(authorize.Query);
        string code = Guid.NewGuid().ToString("N");
        _grants[code] = new Grant(query["nonce"].ToString(), query["code_challenge"].ToString(), query["redirect_uri"].ToString());
        return new Uri(QueryHelpers.AddQueryString(query["redirect_uri"].ToString(), new Dictionary<string, string?> { ["code"] = code, ["state"] = query["state"].ToString() }));
    }

    /// <param name="key">The provider's own by default.</param>
    public string Rs256(JsonObject payload, Key? key = null) => Jwt(
        new() { ["alg"] = "RS256", ["typ"] = "JWT", ["kid"] = (key ?? Signing).Id }, payload, data => (key ?? Signing).Rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    public static string Jwt(JsonObject header, JsonObject payload, Func<byte[], byte[]> sign)
    {
        string data = $"{Part(header)}.{Part(payload)}";
        return $"{data}.{WebEncoders.Base64UrlEncode(sign(Encoding.ASCII.GetBytes(data)))}";

        static string Part(JsonObject json) => WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(json.ToJsonString()));
    }

    private Task AnswerAsync(HttpContext context) => context.Request.Path.Value![BasePath.Length..] switch
    {
        "/.well-known/openid-configuration" => Discovery is { } own ? own(context) : WriteAsync(context, Document()),
        "/keys" => WriteKeysAsync(context),
        "/token" => Token is { } own ? own(context) : ExchangeAsync(context),
        _ => Task.FromResult(context.Response.StatusCode = 404),
    };

    public JsonObject Document()
    {
        var document = new JsonObject
        {
            ["issuer"] = Issuer ?? Authority,
            ["authorization_endpoint"] = Authority + "/authorize",
            ["token_endpoint"] = Authority + "/token",
            ["jwks_uri"] = Authority + "/keys",
            ["response_types_supported"] = new JsonArray("code"),
            ["id_token_signing_alg_values_supported"] = new JsonArray("RS256"),
        };
        if (OffersSignOut)
        {
            document["end_session_endpoint"] = Authority + "/bye";
        }
        return document;
    }

    private Task WriteKeysAsync(HttpContext context)
    {
        Interlocked.Increment(ref KeyReads);
        return WriteAsync(context, new JsonObject { ["keys"] = new JsonArray([.. Published.Select(k => k.ToJson())]) });
    }

    private async Task ExchangeAsync(HttpContext context)
    {
        Interlocked.Increment(ref TokenCalls);
        IFormCollection form = await context.Request.ReadFormAsync();
        string challenge = WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString())));
        if (!_grants.TryRemove(form["code"].ToString(), out Grant? grant) || grant.Challenge != challenge || grant.RedirectUri != form["redirect_uri"] || form["client_secret"] != "the-secret")
        {
            context.Response.StatusCode = 400;
            await WriteAsync(context, new JsonObject { ["error"] = "invalid_grant", ["error_description"] = "<script>alert(1)</script>" });
            return;
        }
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        var payload = (JsonObject)Claims.DeepClone();
        payload["iss"] = Issuer ?? Authority;
        payload["aud"] = "console";
        payload["nonce"] = grant.Nonce;
        payload["iat"] = now.ToUnixTimeSeconds();
        payload["exp"] = now.AddMinutes(5).ToUnixTimeSeconds();
        Payload(payload);
        await WriteAsync(context, new JsonObject { ["access_token"] = "an-access-token", ["token_type"] = "Bearer", ["expires_in"] = 300, ["id_token"] = Sign(this, payload) });
    }

    private static Task WriteAsync(HttpContext context, JsonObject json)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json.ToJsonString());
    }

    public async ValueTask DisposeAsync()
    {
        // Some answers are told to hang; they end with the server.
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private sealed record Grant(string Nonce, string Challenge, string RedirectUri);

    /// <summary>A key of the provider's.</summary>
    public sealed class Key(string id)
    {
        public string Id { get; } = id;
        public RSA Rsa { get; } = RSA.Create(2048);

        public JsonObject ToJson()
        {
            RSAParameters p = Rsa.ExportParameters(false);
            return new JsonObject { ["kty"] = "RSA", ["use"] = "sig", ["kid"] = Id, ["n"] = WebEncoders.Base64UrlEncode(p.Modulus!), ["e"] = WebEncoders.Base64UrlEncode(p.Exponent!) };
        }
    }
}
