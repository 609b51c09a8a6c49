using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Gateway.Core.Catalog;
using Gateway.Tests.Administration;
using Gateway.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Incidents;

/// <summary>
/// Bodies that no client means, on every wire: never an answer that blames the gateway. How many is
/// <c>GATEWAY_FUZZ_BODIES</c>; a run of a million is described in docs/security.md.
/// </summary>
public sealed class FuzzIncidentTests
{
    private const int Workers = 8;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static int Count => int.Parse(Environment.GetEnvironmentVariable("GATEWAY_FUZZ_BODIES") ?? "20000", CultureInfo.InvariantCulture);

    // Each number is always the same body, whichever worker takes it; GATEWAY_FUZZ_SEED starts elsewhere.
    private static int First => int.Parse(Environment.GetEnvironmentVariable("GATEWAY_FUZZ_SEED") ?? "0", CultureInfo.InvariantCulture);

    [Fact]
    public async Task AnyBody_OnAnyRoute_IsNeverA5xx()
    {
        await using WebApplication upstream = await FuzzUpstream.StartAsync();
        await using TestGateway gateway = await TestGateway.StartAsync(CatalogOver(upstream.Urls.First()), new() { MaxRetries = 0, MaxRequestBodyBytes = 65_536, MaxUploadBytes = 65_536, DefaultProvider = "openai" });
        await ShouldFitAsync(gateway);
        var statuses = new ConcurrentDictionary<int, int>();
        int next = First;
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(async () =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) <= First + Count;)
            {
                var random = new Random(i);
                FuzzSeed seed = FuzzSeeds.DataPlane[random.Next(FuzzSeeds.DataPlane.Length)];
                int status = await ShouldBeTheClientsFaultAsync(gateway.Client, "", Mutant(random, seed), $"number {i}");
                statuses.AddOrUpdate(status, 1, (_, n) => n + 1);
            }
        })));
        statuses.Values.Sum().ShouldBe(Count);
        statuses.Keys.ShouldContain(200);
        statuses.Keys.ShouldContain(400);
        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(", ", statuses.OrderBy(s => s.Key).Select(s => $"{s.Key}: {s.Value}")));
    }

    [Fact]
    public async Task AnyBody_OnTheAdminApi_IsNeverA5xx()
    {
        await using var product = new TestProduct { OnSocket = true };
        HttpClient admin = await product.StartAsync();
        string model = (await admin.PostAsync("/admin/v1/models", """{"name":"m"}""")).Id();
        string provider = (await admin.PostAsync("/admin/v1/providers", """{"name":"p","base_url":"https://p.example"}""")).Id();
        string key = (await admin.PostAsync("/admin/v1/keys", """{"name":"k"}""")).GetProperty("api_key").Id();
        var statuses = new Dictionary<int, int>();
        for (int i = First; i < First + (Count / 20); i++)
        {
            var random = new Random(i);
            FuzzSeed seed = FuzzSeeds.AdminApi[random.Next(FuzzSeeds.AdminApi.Length)];
            seed = seed with { Path = seed.Path.Replace("{model}", model, StringComparison.Ordinal).Replace("{provider}", provider, StringComparison.Ordinal).Replace("{key}", key, StringComparison.Ordinal) };
            int status = await ShouldBeTheClientsFaultAsync(admin, "/admin/v1/", Mutant(random, seed), $"number {i}");
            statuses[status] = statuses.GetValueOrDefault(status) + 1;
        }
        statuses.Keys.ShouldContain(200);
        statuses.Keys.ShouldContain(400);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(", ", statuses.OrderBy(s => s.Key).Select(s => $"{s.Key}: {s.Value}")));
    }

    // Nesting that a recursive reader would not survive.
    [Theory]
    [InlineData("[")]
    [InlineData("{\"a\":")]
    public async Task NestingWithoutEnd_OnEveryWire_Is400(string open)
    {
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(new Uri("http://127.0.0.1:1/v1")));
        string deep = string.Concat(Enumerable.Repeat(open, 100_000));
        foreach (string path in FuzzSeeds.DataPlane.Where(s => s.Type == "application/json" && s.Method == "POST" && s.Path is not ("/v1/batches" or "/providers/openai/v1/anything" or "/v1/responses/resp_1/cancel")).Select(s => s.Path).Distinct())
        {
            using HttpResponseMessage answer = await gateway.PostAsync("{\"model\":\"m\",\"messages\":" + deep, path);
            ((int)answer.StatusCode).ShouldBe(400, path);
        }
    }

    /// <summary>Or the mutants would say little: the seeds themselves are answered with what they ask for.</summary>
    private static async Task ShouldFitAsync(TestGateway gateway)
    {
        foreach (FuzzSeed seed in FuzzSeeds.DataPlane)
        {
            using HttpRequestMessage request = RequestOf(seed.Path, seed.Method, Encoding.UTF8.GetBytes(seed.Body), seed.Type);
            using HttpResponseMessage answer = await gateway.Client.SendAsync(request, Cancel);
            ((int)answer.StatusCode).ShouldBe(seed.Path.Contains("resp_1", StringComparison.Ordinal) ? 404 : 200, $"{seed.Path}: {seed.Body}\n{await answer.Content.ReadAsStringAsync(Cancel)}");
        }
    }

    private static CatalogDefinition CatalogOver(string upstream)
    {
        (string Model, string Provider, ProviderKind Kind, string Base)[] all =
        [
            ("m", "openai", ProviderKind.OpenAICompatible, upstream + "/v1"),
            ("a", "anthropic", ProviderKind.Anthropic, upstream),
            ("g", "google", ProviderKind.Gemini, upstream),
            ("c", "cohere", ProviderKind.Cohere, upstream),
        ];
        return new CatalogDefinition
        {
            Providers = [.. all.Select(a => new ProviderDefinition
            {
                Id = a.Provider,
                Name = a.Provider,
                Kind = a.Kind,
                BaseUrl = a.Base,
                Credentials = [new CredentialDefinition { Id = a.Provider, Label = "main", Secret = "sk-upstream-secret-" + a.Provider }],
            })],
            Models = [.. all.Select(a => new ModelDefinition
            {
                Id = a.Model,
                Name = a.Model,
                ModelId = "real-model",
                Backends = [new BackendDefinition { Id = a.Model, Provider = a.Provider }],
            })],
        };
    }

    private static (string Path, string Method, byte[] Body, string Type, bool Chunked) Mutant(Random random, FuzzSeed seed)
    {
        string path = seed.Path;
        // What stands in the path and the query is a client's, too.
        if (seed.Body.Length == 0 || random.Next(20) == 0)
        {
            int fixedPart = path.LastIndexOf('/') + 1;
            path = path[..fixedPart] + Encoding.Latin1.GetString([.. Mutate(random, path[fixedPart..]).Select(b => b is > 32 and < 127 and not (byte)'#' and not (byte)'/' ? b : (byte)'%')]);
        }
        byte[] body = Mutate(random, seed.Body);
        string type = random.Next(50) != 0 ? seed.Type : seed.Type.StartsWith("multipart", StringComparison.Ordinal) ? "multipart/form-data; boundary=" + random.Next(9) : "multipart/form-data; boundary=b";
        return (path, seed.Method, body, type, random.Next(4) == 0);
    }

    private static HttpRequestMessage RequestOf(string path, string method, byte[] body, string type)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        if (method != "GET")
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        }
        return request;
    }

    /// <returns>The status, which is none of the gateway's failures; and the body tells nothing of its insides.</returns>
    private static async Task<int> ShouldBeTheClientsFaultAsync(HttpClient client, string prefix, (string Path, string Method, byte[] Body, string Type, bool Chunked) mutant, string which)
    {
        string described = $"{which}: {mutant.Method} {mutant.Path} ({mutant.Type}{(mutant.Chunked ? ", chunked" : "")}): {Convert.ToBase64String(mutant.Body)}";
        HttpRequestMessage request;
        try
        {
            request = RequestOf(prefix + mutant.Path, mutant.Method, mutant.Body, mutant.Type);
        }
        catch (UriFormatException)
        {
            // No client would send it.
            return 0;
        }
        using (request)
        {
            request.Headers.TransferEncodingChunked = mutant.Chunked && mutant.Method != "GET";
            HttpResponseMessage answer;
            try
            {
                answer = await client.SendAsync(request, Cancel);
            }
            catch (HttpRequestException e)
            {
                // A connection that breaks is a failure, and which request broke it is what one wants to know.
                throw new InvalidOperationException(described, e);
            }
            using (answer)
            {
                string text = await answer.Content.ReadAsStringAsync(Cancel);
                Assert.True((int)answer.StatusCode < 500, $"{(int)answer.StatusCode} to {described}\n{text}");
                Assert.False(text.Contains("System.", StringComparison.Ordinal) || text.Contains("   at ", StringComparison.Ordinal), $"{described}\n{text}");
                return (int)answer.StatusCode;
            }
        }
    }

    private static byte[] Mutate(Random random, string seed)
    {
        if (seed.Length == 0)
        {
            return [];
        }
        var text = new StringBuilder(seed);
        int kind = random.Next(10);
        if (kind == 0)
        {
            return Encoding.UTF8.GetBytes(seed);
        }
        if (kind < 5)
        {
            for (int n = random.Next(1, 5); n > 0 && text.Length > 0; n--)
            {
                string piece = FuzzSeeds.Grammar[random.Next(FuzzSeeds.Grammar.Length)];
                int at = random.Next(text.Length);
                _ = random.Next(3) switch
                {
                    0 => text.Insert(at, piece),
                    1 => text.Remove(at, Math.Min(text.Length - at, random.Next(1, 20))),
                    _ => text.Remove(at, 1).Insert(at, piece),
                };
            }
        }
        byte[] bytes = Encoding.UTF8.GetBytes(text.ToString());
        for (int n = kind < 7 ? random.Next(0, 4) : 0; n > 0 && bytes.Length > 0; n--)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }
        return kind switch
        {
            7 => bytes[..random.Next(bytes.Length)],
            8 => [.. bytes, .. bytes[..random.Next(bytes.Length)]],
            9 => [.. Enumerable.Range(0, random.Next(1, 12)).SelectMany(_ => Encoding.UTF8.GetBytes(FuzzSeeds.Grammar[random.Next(FuzzSeeds.Grammar.Length)]))],
            _ => bytes,
        };
    }
}
