using System.Net.Http.Json;
using System.Text;
using Gateway.E2E.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.E2E.Security;

/// <summary>litellm#8075, #24902, #39964, #5762, #25203: keys in logs, rows and answers. Canaries are planted, then looked for everywhere.</summary>
public sealed class SecretsTests(RunningGateway gateway, HostileUpstream upstream) : IClassFixture<RunningGateway>, IClassFixture<HostileUpstream>
{
    private const string ProviderSecret = "sk-canary-provider-7c1f0e55aa";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Secrets_PlantedEverywhere_AreFoundNowhere()
    {
        await gateway.CreateAsync("providers", new { name = "hostile", kind = "openai-compatible", base_url = upstream.Url, credentials = new[] { new { label = "main", secret = ProviderSecret } } });
        foreach (string model in (string[])["markup", "echo"])
        {
            await gateway.CreateAsync("models", new { name = model, backends = new[] { new { provider = "hostile" } } });
        }
        string key = await gateway.CreateAsync("keys", new { name = "canary" }, "key");
        string[] secrets = [ProviderSecret, key, gateway.AdminKey, "canary-in-a-header", "ml-canary-that-is-no-key"];
        var told = new StringBuilder();
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(gateway.Url) };
        foreach (string path in (string[])["/v1/chat/completions", "/v1/messages", "/v1/responses", "/v1/embeddings", "/v1/batches", $"/v1beta/models/echo:generateContent?key={key}", "/v1/files?key=ml-canary-that-is-no-key"])
        {
            foreach ((string model, bool stream) in ((string, bool)[])[("echo", false), ("echo", true), ("markup", true)])
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, path)
                {
                    Content = JsonContent.Create(new { model, stream, max_tokens = 5, input = "x", messages = new[] { new { role = "user", content = "x" } } }),
                };
                if (!path.Contains("key=", StringComparison.Ordinal))
                {
                    request.Headers.Add("Authorization", "Bearer " + key);
                }
                request.Headers.Add("Cookie", "session=canary-in-a-header");
                request.Headers.Add("X-Auth-Token", "canary-in-a-header");
                request.Headers.Add("X-Admin-Key", gateway.AdminKey);
                using HttpResponseMessage answer = await client.SendAsync(request, Cancel);
                told.Append(answer.Headers).AppendLine(await answer.Content.ReadAsStringAsync(Cancel));
            }
        }
        foreach (string list in (string[])["providers", "models", "routes", "keys", "teams", "budgets", "prices", "audit", "requests", "limits"])
        {
            told.AppendLine((await gateway.GetAsync(list)).ToJsonString());
        }
        // Journal, database, key file, resource log: as they lie while the process runs, and after its end.
        await gateway.KillAsync();
        await gateway.RestartAsync();

        foreach (string secret in secrets)
        {
            told.ToString().Contains(secret, StringComparison.Ordinal).ShouldBeFalse("in an answer: " + secret);
            gateway.Output.Contains(secret, StringComparison.Ordinal).ShouldBeFalse("in the log: " + secret);
        }
        foreach (string file in Directory.GetFiles(gateway.DataDirectory, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)))
        {
            byte[] bytes = await ReadAsync(file);
            foreach (string secret in (string[])[.. secrets, gateway.Password])
            {
                bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)).ShouldBe(-1, $"{secret} in {Path.GetFileName(file)}");
                bytes.AsSpan().IndexOf(Encoding.Unicode.GetBytes(secret)).ShouldBe(-1, $"{secret} in {Path.GetFileName(file)}");
            }
        }
        gateway.Output.ShouldContain("\"status\":400", Case.Sensitive, "the calls were logged, or the search would prove nothing");
    }

    private static async Task<byte[]> ReadAsync(string file)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var copy = new MemoryStream();
            await stream.CopyToAsync(copy, Cancel);
            return copy.ToArray();
        }
        catch (FileNotFoundException)
        {
            // Tidied up meanwhile.
            return [];
        }
    }
}
