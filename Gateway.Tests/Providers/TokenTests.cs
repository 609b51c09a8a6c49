using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Failover;
using Gateway.Providers.Http.Tokens;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Providers;

public class TokenTests
{
    [Fact]
    public async Task Entra_ClientSecret_IsExchangedOnceAndSentAsBearer()
    {
        await using ScriptedUpstream tokens = ScriptedUpstream.Json("""{"token_type":"Bearer","expires_in":3599,"access_token":"eyJ-token"}""");
        await using ScriptedUpstream azure = ScriptedUpstream.Json("{}");
        Provider provider = EntraProvider(azure, tokens);
        IProviderAdapter adapter = AdapterBench.AdapterOf(ProviderKind.AzureOpenAI);

        for (int i = 0; i < 3; i++)
        {
            (await adapter.SendAsync(AdapterBench.CallOf(provider, Operation.ChatCompletions), Cancel)).Dispose();
        }

        SeenRequest asked = tokens.Seen.ShouldHaveSingleItem();
        asked.Path.ShouldBe("/my-tenant/oauth2/v2.0/token");
        asked.Headers["Content-Type"].ShouldBe("application/x-www-form-urlencoded");
        asked.Body.ShouldBe($"grant_type=client_credentials&client_id=my-client&client_secret={AdapterBench.Secret}&scope=https%3A%2F%2Fcognitiveservices.azure.com%2F.default");
        azure.Seen.Count.ShouldBe(3);
        azure.Seen.ShouldAllBe(r => r.Headers["Authorization"] == "Bearer eyJ-token");
        azure.Seen.ShouldAllBe(r => !r.Headers.ContainsKey("api-key"));
    }

    [Fact]
    public async Task Entra_SecretRefused_SaysWhyAndNothingSecret()
    {
        await using ScriptedUpstream tokens = ScriptedUpstream.Json(
            $$"""{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret {{AdapterBench.Secret}} provided.","error_codes":[7000215]}""", 401);
        await using ScriptedUpstream azure = ScriptedUpstream.Json("{}");

        HttpRequestException refused = await Should.ThrowAsync<HttpRequestException>(
            AdapterBench.AdapterOf(ProviderKind.AzureOpenAI).SendAsync(AdapterBench.CallOf(EntraProvider(azure, tokens), Operation.ChatCompletions), Cancel));

        refused.HttpRequestError.ShouldBe(HttpRequestError.UserAuthenticationError);
        refused.Message.ShouldContain("invalid_client, AADSTS7000215");
        refused.Message.ShouldNotContain(AdapterBench.Secret);
        azure.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task Vertex_ServiceAccount_SignsAnAssertionThatItsKeyVerifies()
    {
        using var key = RSA.Create(2048);
        await using ScriptedUpstream tokens = ScriptedUpstream.Json("""{"access_token":"ya29.token","expires_in":"3599"}""");
        await using ScriptedUpstream vertex = ScriptedUpstream.Json("{}");
        string url = tokens.Url.GetLeftPart(UriPartial.Authority) + "/token";
        string file = JsonSerializer.Serialize(new { type = "service_account", client_email = "svc@proj.iam.gserviceaccount.com", private_key_id = "kid-1", private_key = key.ExportPkcs8PrivateKeyPem(), token_uri = url });
        Provider provider = VertexProvider(vertex, file);

        (await AdapterBench.AdapterOf(ProviderKind.Vertex).SendAsync(AdapterBench.CallOf(provider, Operation.GenerateContent), Cancel)).Dispose();

        vertex.Seen.ShouldHaveSingleItem().Headers["Authorization"].ShouldBe("Bearer ya29.token");
        var form = System.Web.HttpUtility.ParseQueryString(tokens.Seen.ShouldHaveSingleItem().Body);
        form["grant_type"].ShouldBe("urn:ietf:params:oauth:grant-type:jwt-bearer");
        string[] parts = form["assertion"]!.Split('.');
        key.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Decode(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).ShouldBeTrue();
        JsonElement head = JsonElement.Parse(Decode(parts[0]));
        (head.GetProperty("alg").GetString(), head.GetProperty("kid").GetString()).ShouldBe(("RS256", "kid-1"));
        JsonElement claims = JsonElement.Parse(Decode(parts[1]));
        claims.GetProperty("iss").GetString().ShouldBe("svc@proj.iam.gserviceaccount.com");
        claims.GetProperty("aud").GetString().ShouldBe(url);
        claims.GetProperty("scope").GetString().ShouldBe("https://www.googleapis.com/auth/cloud-platform");
        (claims.GetProperty("exp").GetInt64() - claims.GetProperty("iat").GetInt64()).ShouldBe(3600);
    }

    [Fact]
    public async Task Vertex_AuthorizedUserFromAFile_RefreshesItsToken()
    {
        await using ScriptedUpstream tokens = ScriptedUpstream.Json("""{"access_token":"ya29.user","expires_in":3599}""");
        await using ScriptedUpstream vertex = ScriptedUpstream.Json("{}");
        string path = Path.GetTempFileName();
        await File.WriteAllTextAsync(path, JsonSerializer.Serialize(new { type = "authorized_user", client_id = "id", client_secret = "secret", refresh_token = "1//r", token_uri = tokens.Url.ToString() }), Cancel);
        try
        {
            Provider provider = VertexProvider(vertex, "", ("credentials_file", path));

            (await AdapterBench.AdapterOf(ProviderKind.Vertex).SendAsync(AdapterBench.CallOf(provider, Operation.GenerateContent), Cancel)).Dispose();
        }
        finally
        {
            File.Delete(path);
        }

        tokens.Seen.ShouldHaveSingleItem().Body.ShouldBe("grant_type=refresh_token&client_id=id&client_secret=secret&refresh_token=1%2F%2Fr");
        vertex.Seen.ShouldHaveSingleItem().Headers["Authorization"].ShouldBe("Bearer ya29.user");
    }

    [Theory]
    [InlineData("""{"type":"external_account"}""", "service_account or authorized_user")]
    [InlineData("""{"type":"service_account","client_email":"a","private_key":"not a key"}""", "private key")]
    [InlineData("""{"type":"service_account","client_email":"a"}""", "private_key")]
    [InlineData("""{"type":"service_account","token_uri":"http://169.254.169.254/token"}""", "token_uri")]
    public async Task Vertex_CredentialsThatCannotWork_SaySo(string file, string message)
    {
        await using ScriptedUpstream vertex = ScriptedUpstream.Json("{}");

        HttpRequestException refused = await Should.ThrowAsync<HttpRequestException>(
            AdapterBench.AdapterOf(ProviderKind.Vertex).SendAsync(AdapterBench.CallOf(VertexProvider(vertex, file), Operation.GenerateContent), Cancel));

        refused.HttpRequestError.ShouldBe(HttpRequestError.UserAuthenticationError);
        refused.Message.ShouldContain(message);
    }

    [Fact]
    public async Task Cache_ManyAtOnce_FetchOnce()
    {
        int fetches = 0;
        var gate = new TaskCompletionSource();
        var cache = new TokenCache(TimeProvider.System);
        Provider provider = AdapterBench.ProviderOf(ProviderKind.OpenAI, null);

        Task<string>[] waiting = [.. Enumerable.Range(0, 50).Select(_ => cache.GetAsync(provider, provider.Credentials[0], FetchAsync, Cancel).AsTask())];
        gate.SetResult();
        string[] tokens = await Task.WhenAll(waiting);

        tokens.ShouldAllBe(t => t == "token-1");
        fetches.ShouldBe(1);

        async Task<AccessToken> FetchAsync(CancellationToken cancellation)
        {
            int number = Interlocked.Increment(ref fetches);
            await gate.Task.WaitAsync(cancellation);
            return new AccessToken($"token-{number}", DateTimeOffset.MaxValue);
        }
    }

    [Fact]
    public async Task Cache_NearTheEnd_RenewsBehindTheCallAndOutlivesAFailure()
    {
        var time = new MovableTime();
        var cache = new TokenCache(time);
        Provider provider = AdapterBench.ProviderOf(ProviderKind.OpenAI, null);
        var answers = new Queue<Func<AccessToken>>(
        [
            () => new AccessToken("first", time.Now.AddHours(1)),
            () => throw new HttpRequestException("down"),
            () => new AccessToken("second", time.Now.AddHours(1)),
        ]);
        int fetches = 0;
        Task<AccessToken> FetchAsync(CancellationToken _)
        {
            Interlocked.Increment(ref fetches);
            return Task.FromResult(answers.Dequeue()());
        }
        ValueTask<string> GetAsync() => cache.GetAsync(provider, provider.Credentials[0], FetchAsync, Cancel);

        (await GetAsync()).ShouldBe("first");
        time.Now += TimeSpan.FromMinutes(49);
        // Renewal fails behind this call; the token is good for eleven minutes more.
        (await GetAsync()).ShouldBe("first");
        await Eventually.TrueAsync(() => Volatile.Read(ref fetches) == 2);
        time.Now += TimeSpan.FromMinutes(1);
        // The renewal that failed may not be quite over, and rests for half a minute from when it is: whichever call comes after that begins the next.
        await Eventually.TrueAsync(() =>
        {
            time.Now += TimeSpan.FromMilliseconds(100);
            return GetAsync().AsTask().GetAwaiter().GetResult() == "second";
        });
        Volatile.Read(ref fetches).ShouldBe(3);
    }

    [Fact]
    public async Task Cache_FirstFetchFails_NextCallTriesAgain()
    {
        var cache = new TokenCache(TimeProvider.System);
        Provider provider = AdapterBench.ProviderOf(ProviderKind.OpenAI, null);

        await Should.ThrowAsync<HttpRequestException>(cache.GetAsync(provider, null, _ => throw new HttpRequestException("down"), Cancel).AsTask());

        (await cache.GetAsync(provider, null, _ => Task.FromResult(new AccessToken("t", DateTimeOffset.MaxValue)), Cancel)).ShouldBe("t");
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static byte[] Decode(string text) => System.Buffers.Text.Base64Url.DecodeFromChars(text);

    private static Provider EntraProvider(ScriptedUpstream azure, ScriptedUpstream tokens) => AdapterBench.ProviderOf(
        ProviderKind.AzureOpenAI,
        new Uri(azure.Url.GetLeftPart(UriPartial.Authority)),
        settings: [("tenant_id", "my-tenant"), ("client_id", "my-client"), ("authority", tokens.Url.GetLeftPart(UriPartial.Authority))]);

    private static Provider VertexProvider(ScriptedUpstream vertex, string secret, params (string, string)[] more) => AdapterBench.ProviderOf(
        ProviderKind.Vertex, new Uri(vertex.Url.GetLeftPart(UriPartial.Authority)), secret, [("project", "p"), ("location", "global"), .. more]);

    private sealed class MovableTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
