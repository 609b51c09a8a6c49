using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Gateway.E2E.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.E2E.Crash;

/// <summary>
/// Incident catalogue: refused and aborted uploads that fill memory and keep their reservations (kortix-ai/suna#6835), bombs as
/// requests and as answers (headroomlabs-ai/headroom#3325, OneUptime/oneuptime#3404). By the memory of the real process.
/// </summary>
public sealed class MemoryTests(BombUpstream upstream) : IClassFixture<BombUpstream>
{
    private const int Uploads = 60;
    private const int UploadBytes = 27 * 1024 * 1024;

    // In mebibytes: of answers and bombs; and of uploads while they are taken in, sixty connections' buffers among them, and after.
    private const long MostGrowth = 200;
    private const long MostWhileUploading = 256;
    private const long MostAfterUploads = 96;

    private static readonly TimeSpan MostIdle = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SixtyLargeUploads_RefusedOrAborted_LeaveNeitherMemoryNorLeases()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "A process's memory is read from /proc.");
        string temporary = Directory.CreateTempSubdirectory("gateway-uploads-").FullName;
        await using var gateway = new RunningGateway
        {
            Settings = { ["TMPDIR"] = temporary, ["DOTNET_EnableDiagnostics"] = "0", ["Gateway__Limits__MaxBufferedBytes"] = (64 * 1024 * 1024).ToString(CultureInfo.InvariantCulture) },
        };
        try
        {
            await SetUpAsync(gateway);
            string key = await gateway.CreateAsync("keys", new { name = "limited", rpm_limit = 0, tpm_limit = 0, max_parallel = Uploads }, result: "key");
            await gateway.CreateAsync("budgets", new { name = "all", scope = "gateway", amount_usd = "1000", period = "month" });
            await gateway.CreateAsync("prices", new { model = "*", effective_from = "2026-01-01T00:00:00Z", input_per_million = "1000", output_per_million = "1000" });
            // What a process takes once and keeps is not what is looked for.
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => UploadAsync(gateway, key, "/v1/chat/completions", Json(), half: false)));
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => UploadAsync(gateway, key, "/v1/audio/transcriptions", Form(), half: false)));

            await using var memory = new MemoryWatch(gateway);
            foreach ((string path, (string, byte[], byte[]) content) in ((string, (string, byte[], byte[]))[])[("/v1/chat/completions", Json()), ("/v1/audio/transcriptions", Form()), ("/v1/files", Form())])
            {
                await ShouldBeRefusedAsync(gateway, "ml-nobodys-key", path, content, "401");
                await AbortAsync(gateway, key, path, content);
            }
            string[] whole = await Task.WhenAll(Enumerable.Range(0, Uploads).Select(_ => UploadAsync(gateway, key, "/v1/chat/completions", Json(), half: false)));
            whole.ShouldAllBe(s => s == "400" || s == "503" || s.Length == 0, string.Join(' ', whole));
            whole.ShouldContain("400", "those that there is room for are read, and are no JSON");
            whole.ShouldContain("503", "there is no room for all");

            memory.Growth.ShouldBeLessThan(MostWhileUploading);
            // That a client has gone is noticed a little later.
            await Eventually.TrueAsync(() => Directory.GetFiles(temporary).Length == 0);
            // No place and no money is held by calls that are over.
            await Eventually.TrueAsync(async () => (await gateway.GetAsync("budgets"))[0]!["standing"]!["reserved_usd"]!.GetValue<string>() is "0" or "0.00");
            HttpStatusCode[] after = await Task.WhenAll(Enumerable.Range(0, Uploads).Select(_ => ChatAsync(gateway, key, "fine")));
            after.ShouldAllBe(s => s == HttpStatusCode.OK);
            // Nobody calls it now: it gives back what it does not need.
            var idle = Stopwatch.StartNew();
            while ((gateway.ResidentBytes - memory.Before) >> 20 >= MostAfterUploads && idle.Elapsed < MostIdle)
            {
                await Task.Delay(200, Cancel);
            }
            ((gateway.ResidentBytes - memory.Before) >> 20).ShouldBeLessThan(MostAfterUploads);
            TestContext.Current.TestOutputHelper!.WriteLine($"{memory.Before >> 20} MB before, {memory.Most >> 20} MB at most, {gateway.ResidentBytes >> 20} MB {idle.Elapsed.TotalSeconds:0.0} s after; of the whole uploads: {string.Join(", ", whole.GroupBy(s => s).Select(g => $"{g.Key}: {g.Count()}"))}.");
        }
        finally
        {
            Directories.Remove(temporary);
        }
    }

    [Fact]
    public async Task Bombs_AsRequestAndAsAnswer_AreRefusedWithinBoundedMemory()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "A process's memory is read from /proc.");
        // When garbage is collected is the runtime's business, and later on a busy machine: it gets no room for one whole answer.
        await using var gateway = new RunningGateway { Settings = { ["DOTNET_GCHeapHardLimit"] = "0xC000000" } };
        await gateway.InitializeAsync();
        await SetUpAsync(gateway);
        byte[] bomb = BombUpstream.Zip(512L * 1024 * 1024);
        (await ChatAsync(gateway, gateway.Key, "fine")).ShouldBe(HttpStatusCode.OK);

        await using var memory = new MemoryWatch(gateway);
        foreach ((string path, string type) in ((string, string)[])
            [("/v1/chat/completions", "application/json"), ("/v1/responses", "application/json"), ("/v1/messages", "application/json"), ("/v1/embeddings", "application/json"), ("/v1/audio/transcriptions", "multipart/form-data; boundary=b")])
        {
            using HttpResponseMessage answer = await PostAsync(gateway, gateway.Key, path, bomb, type, "gzip");
            ((int)answer.StatusCode).ShouldBeOneOf(413, 415);
        }
        Say($"requests: {memory.Growth} MB");
        foreach (string model in (string[])["bomb", "huge"])
        {
            (await ChatAsync(gateway, gateway.Key, model)).ShouldBe(HttpStatusCode.BadGateway, model);
            Say($"{model}: {memory.Growth} MB");
            (await ChatAsync(gateway, gateway.Key, model, stream: true)).ShouldBe(HttpStatusCode.BadGateway, model + " as a stream");
            using HttpResponseMessage answer = await PostAsync(gateway, gateway.Key, "/v1/embeddings", Encoding.UTF8.GetBytes($$"""{"model":"{{model}}","input":"x"}"""), "application/json");
            answer.StatusCode.ShouldBe(HttpStatusCode.BadGateway, model + " as embeddings");
        }

        memory.Growth.ShouldBeLessThan(MostGrowth);
        (await ChatAsync(gateway, gateway.Key, "fine")).ShouldBe(HttpStatusCode.OK);
        TestContext.Current.TestOutputHelper!.WriteLine($"{memory.Before >> 20} MB before, {memory.Most >> 20} MB at most.");
    }

    private async Task SetUpAsync(RunningGateway gateway)
    {
        if (gateway.Key.Length == 0)
        {
            await gateway.InitializeAsync();
        }
        await gateway.CreateAsync("providers", new { name = "bombs", kind = "openai-compatible", base_url = upstream.Url });
        foreach (string name in (string[])["fine", "bomb", "huge"])
        {
            await gateway.CreateAsync("models", new { name, backends = new[] { new { provider = "bombs" } } });
        }
    }

    private static async Task ShouldBeRefusedAsync(RunningGateway gateway, string key, string path, (string Type, byte[] Head, byte[] Filler) content, string status)
    {
        string[] answers = await Task.WhenAll(Enumerable.Range(0, Uploads).Select(_ => UploadAsync(gateway, key, path, content, half: false)));
        // Who goes on sending may find the connection reset before it has read why.
        answers.ShouldAllBe(a => a == status || a.Length == 0, $"{path}: {string.Join(' ', answers)}");
        answers.ShouldContain(status);
    }

    private static Task<string[]> AbortAsync(RunningGateway gateway, string key, string path, (string Type, byte[] Head, byte[] Filler) content) =>
        Task.WhenAll(Enumerable.Range(0, Uploads).Select(_ => UploadAsync(gateway, key, path, content, half: true)));

    private static (string Type, byte[] Head, byte[] Filler) Json() => ("application/json", """{"model":"fine","messages":[{"role":"user","content":"""u8.ToArray(), "xxxxxxxx"u8.ToArray());

    private static (string Type, byte[] Head, byte[] Filler) Form() => (
        "multipart/form-data; boundary=b",
        "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nfine\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n"u8.ToArray(),
        "RIFFRIFF"u8.ToArray());

    /// <summary>Sends 27 MiB, or half of them and then nothing more, on a connection of its own.</summary>
    /// <returns>The status; empty when the connection broke before there was one.</returns>
    private static async Task<string> UploadAsync(RunningGateway gateway, string key, string path, (string Type, byte[] Head, byte[] Filler) content, bool half)
    {
        var address = new Uri(gateway.Url);
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, Cancel);
        NetworkStream stream = client.GetStream();
        byte[] piece = new byte[64 * 1024];
        for (int i = 0; i < piece.Length; i++)
        {
            piece[i] = content.Filler[i % content.Filler.Length];
        }
        try
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer {key}\r\nContent-Type: {content.Type}\r\nContent-Length: {UploadBytes}\r\nConnection: close\r\n\r\n"), Cancel);
            await stream.WriteAsync(content.Head, Cancel);
            for (int sent = content.Head.Length, end = half ? UploadBytes / 2 : UploadBytes; sent < end; sent += piece.Length)
            {
                await stream.WriteAsync(piece.AsMemory(0, Math.Min(piece.Length, end - sent)), Cancel);
            }
            if (half)
            {
                return "";
            }
        }
        catch (IOException)
        {
            // Refused in the middle; why may still be there to be read.
        }
        try
        {
            using var reader = new StreamReader(stream);
            return await reader.ReadLineAsync(Cancel) is { Length: > 12 } line ? line.Substring(9, 3) : "";
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static async Task<HttpStatusCode> ChatAsync(RunningGateway gateway, string key, string model, bool stream = false)
    {
        string body = $$"""{"model":"{{model}}","stream":{{(stream ? "true" : "false")}},"max_tokens":5,"messages":[{"role":"user","content":"x"}]}""";
        using HttpResponseMessage answer = await PostAsync(gateway, key, "/v1/chat/completions", Encoding.UTF8.GetBytes(body), "application/json");
        return answer.StatusCode;
    }

    private static async Task<HttpResponseMessage> PostAsync(RunningGateway gateway, string key, string path, byte[] body, string type, string? encoding = null)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var request = new HttpRequestMessage(HttpMethod.Post, gateway.Url + path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        if (encoding is not null)
        {
            request.Content.Headers.ContentEncoding.Add(encoding);
        }
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return await client.SendAsync(request, Cancel);
    }

    private static void Say(string text) => TestContext.Current.TestOutputHelper!.WriteLine(text);
}
