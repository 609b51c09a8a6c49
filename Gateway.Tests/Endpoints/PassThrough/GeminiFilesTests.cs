using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Endpoints.PassThrough;

/// <summary>Gemini's files, uploads and caches, by the paths that its SDKs ask for.</summary>
public sealed class GeminiFilesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v1beta/files/abc?fields=name", "/v1beta/files/abc?fields=name")]
    [InlineData("/v1beta/cachedContents", "/v1beta/cachedContents")]
    [InlineData("/upload/v1beta/files", "/upload/v1beta/files")]
    [InlineData("/providers/gemini-0/upload/v1beta/files", "/upload/v1beta/files")]
    [InlineData("/providers/gemini-0/v1beta/files", "/v1beta/files")]
    public async Task Path_OfGeminis_ReachesItsProvider(string path, string upstreamPath)
    {
        await using var upstream = ScriptedUpstream.Json("{}");
        await using TestGateway gateway = await TestGateway.StartAsync(Catalog(upstream));

        using HttpResponseMessage response = await gateway.Client.GetAsync(path, Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        SeenRequest seen = upstream.Seen.ShouldHaveSingleItem();
        seen.Path.ShouldBe(upstreamPath);
        seen.Headers["x-goog-api-key"].ShouldBe("AIza-0");
        seen.Headers.ContainsKey("Authorization").ShouldBeFalse();
    }

    [Theory]
    [InlineData("/upload/v1beta/files")]
    [InlineData("/providers/gemini-0/upload/v1beta/files")]
    public async Task Upload_GoesOnAtTheGateway_AndAtTheSameProvider(string path)
    {
        await using ScriptedUpstream first = Uploads();
        await using ScriptedUpstream second = Uploads();
        await using TestGateway gateway = await TestGateway.StartAsync(Catalog(first, second));
        using var start = new HttpRequestMessage(HttpMethod.Post, path) { Headers = { { "X-Provider-Priority", "gemini-0" }, { "X-Goog-Upload-Command", "start" } } };

        using HttpResponseMessage begun = await gateway.Client.SendAsync(start, Cancel);
        string address = begun.Headers.GetValues("X-Goog-Upload-URL").Single();
        var rest = new ByteArrayContent([1, 2, 3]) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } };
        using HttpResponseMessage done = await gateway.Client.PostAsync(new Uri(address), rest, Cancel);

        address.ShouldBe($"{gateway.Address}{path[1..]}?upload_id=AB_c-1&upload_protocol=resumable");
        begun.Headers.GetValues("X-Goog-Upload-Control-URL").Single().ShouldBe(address);
        done.StatusCode.ShouldBe(HttpStatusCode.OK);
        first.Seen.Last().Path.ShouldBe("/upload/v1beta/files?upload_id=AB_c-1&upload_protocol=resumable");
        first.Seen.Last().Bytes.ShouldBe([1, 2, 3]);
        second.Seen.ShouldBeEmpty();
    }

    // What is begun with one account's key is not known to another's.
    [Fact]
    public async Task Upload_WithSeveralCredentials_GoesOnWithTheOneThatBeganIt()
    {
        await using ScriptedUpstream upstream = Uploads();
        CatalogDefinition catalog = Catalog(upstream);
        catalog = catalog with { Providers = [catalog.Providers[0] with { Credentials = [.. "abc".Select(c => new CredentialDefinition { Id = $"{c}", Label = $"{c}", Secret = $"AIza-{c}" })] }] };
        await using TestGateway gateway = await TestGateway.StartAsync(catalog);

        using HttpResponseMessage begun = await gateway.Client.PostAsync("/upload/v1beta/files", null, Cancel);
        var address = new Uri(begun.Headers.GetValues("X-Goog-Upload-URL").Single());
        for (int i = 0; i < 3; i++)
        {
            using HttpResponseMessage sent = await gateway.Client.PostAsync(address, new ByteArrayContent([1, 2, 3]), Cancel);
        }
        using HttpResponseMessage file = await gateway.Client.GetAsync("/v1beta/files/abc", Cancel);

        upstream.Seen.Count.ShouldBe(5);
        upstream.Seen.Select(s => s.Headers["x-goog-api-key"]).Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task File_IsFoundWhereItWasMade_AndFetchedThroughTheGateway()
    {
        await using ScriptedUpstream first = Uploads();
        await using var second = ScriptedUpstream.Json("""{"files":[]}""");
        await using TestGateway gateway = await TestGateway.StartAsync(Catalog(second, first));
        using var upload = new HttpRequestMessage(HttpMethod.Post, "/upload/v1beta/files") { Headers = { { "X-Provider-Priority", "gemini-1" } } };
        using HttpResponseMessage made = await gateway.Client.SendAsync(upload, Cancel);
        JsonElement file = JsonDocument.Parse(await made.Content.ReadAsStringAsync(Cancel)).RootElement.GetProperty("file");

        using HttpResponseMessage content = await gateway.Client.GetAsync(new Uri(file.GetProperty("downloadUri").GetString()!), Cancel);

        file.GetProperty("downloadUri").GetString().ShouldBe($"{gateway.Address}v1beta/files/abc:download?alt=media");
        // This one goes back to the vendor, in a prompt.
        file.GetProperty("uri").GetString().ShouldBe("https://generativelanguage.googleapis.com/v1beta/files/abc");
        first.Seen.Last().Path.ShouldBe("/v1beta/files/abc:download?alt=media");
        second.Seen.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("https://elsewhere.example/upload/v1beta/files?upload_id=1")]
    [InlineData("/upload/v1beta/files?upload_id=1")]
    public async Task Upload_ThatIsToGoOnElsewhere_HasNoAddress(string address)
    {
        await using var upstream = ScriptedUpstream.Json("{}", headers: $"X-Goog-Upload-URL: {address}\r\n");
        await using TestGateway gateway = await TestGateway.StartAsync(Catalog(upstream));

        using HttpResponseMessage response = await gateway.Client.PostAsync("/upload/v1beta/files", null, Cancel);

        response.Headers.Contains("X-Goog-Upload-URL").ShouldBeFalse();
    }

    [Fact]
    public async Task Path_WithoutAProviderOfGeminis_Is404InItsEnvelope()
    {
        await using var upstream = ScriptedUpstream.Json("{}");
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url), new GatewayOptions { DefaultProvider = "provider-0" });

        using HttpResponseMessage response = await gateway.Client.GetAsync("/v1beta/files", Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        JsonElement error = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel)).RootElement.GetProperty("error");
        error.GetProperty("status").GetString().ShouldBe("NOT_FOUND");
        error.GetProperty("message").GetString()!.ShouldContain("GET /v1beta/files.");
        upstream.Seen.ShouldBeEmpty();
    }

    // Says of each request where the upload goes on, as Google does, and what was made.
    private static ScriptedUpstream Uploads()
    {
        Uri? url = null;
        ScriptedUpstream upstream = ScriptedUpstream.Start(c =>
        {
            string address = $"{new Uri(url!, "/upload/v1beta/files")}?upload_id=AB_c-1&upload_protocol=resumable";
            return c.JsonAsync(
                """{"file":{"name":"files/abc","uri":"https://generativelanguage.googleapis.com/v1beta/files/abc","downloadUri":"https://generativelanguage.googleapis.com/v1beta/files/abc:download?alt=media"}}""",
                headers: $"X-Goog-Upload-URL: {address}\r\nX-Goog-Upload-Control-URL: {address}\r\n");
        });
        url = upstream.Url;
        return upstream;
    }

    private static CatalogDefinition Catalog(params ScriptedUpstream[] upstreams) => new()
    {
        Providers = [.. upstreams.Select((u, i) => new ProviderDefinition
        {
            Id = $"g{i}",
            Name = $"gemini-{i}",
            Kind = ProviderKind.Gemini,
            BaseUrl = new Uri(u.Url, "/v1beta").ToString(),
            Credentials = [new CredentialDefinition { Id = $"c{i}", Label = "main", Secret = $"AIza-{i}" }],
        })],
    };
}
