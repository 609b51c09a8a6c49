using System.Net;
using System.Text;
using System.Text.Json;
using Gateway.Tests.Administration;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Incidents;

/// <summary>Text that wants to be more than text: code, formats, log lines.</summary>
public sealed class HostileTextIncidentTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // CVE-2026-40217: what an administrator wrote ran in the process. Nothing here evaluates anything.
    [Theory]
    [InlineData("{{7*7}}")]
    [InlineData("${7*7}")]
    [InlineData("${PATH}")]
    [InlineData("#{7*7}")]
    [InlineData("<%= 7*7 %>")]
    [InlineData("@(7*7)")]
    [InlineData("{0}{1:X}")]
    [InlineData("$(id)")]
    [InlineData("`id`")]
    [InlineData("${jndi:ldap://127.0.0.1/x}")]
    [InlineData("__import__('os').system('id')")]
    public async Task TextThatLooksLikeCode_StaysTheTextItIs(string text)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        string quoted = JsonSerializer.Serialize(text);
        await admin.PostAsync("/admin/v1/providers", $$"""{"name":"p","base_url":"{{upstream.Url}}","credentials":[{"label":{{quoted}},"secret":"sk-1"}]}""");
        string id = (await admin.PostAsync("/admin/v1/models", $$"""
            {"name":"m","description":{{quoted}},"default_params":{"user":{{quoted}}},"backends":[{"provider":"p"}]}
            """)).Id();
        string key = (await admin.PostAsync("/admin/v1/keys", $$"""{"name":{{quoted}},"owner":{{quoted}}}""")).GetProperty("key").GetString()!;

        JsonElement model = await admin.GetAsync("/admin/v1/models/" + id, 200);
        model.GetProperty("description").GetString().ShouldBe(text);
        (await admin.GetAsync("/admin/v1/keys", 200))[0].GetProperty("name").GetString().ShouldBe(text);
        (await admin.ChatAsync(key, "m")).ShouldBe(200);
        JsonElement sent = JsonElement.Parse(upstream.Seen.ShouldHaveSingleItem().Body);
        sent.GetProperty("user").GetString().ShouldBe(text);
    }

    // Keith-CY/carrier#745, mlx-openai-server#287: the client's request id wrote a log line of its own.
    [Theory]
    [InlineData("a\tb")]
    [InlineData("a\"b")]
    [InlineData("a b")]
    [InlineData("a%0d%0aX-Forged: 1")]
    [InlineData("a\\nb")]
    [InlineData("{\"level\":\"error\"}")]
    public async Task RequestIdThatForgesLogLines_IsReplacedEverywhere(string sent)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url), new() { MaxRetries = 0, DefaultProvider = "provider-0" });
        foreach (string path in (string[])["/v1/chat/completions", "/v1/messages", "/v1/batches"])
        {
            foreach (string value in (string[])[sent, sent + new string('x', 8192)])
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent("""{"model":"m","messages":[{"role":"user","content":"x"}],"max_tokens":1}""", Encoding.UTF8, "application/json") };
                request.Headers.TryAddWithoutValidation("X-Request-ID", value);
                using HttpResponseMessage response = await gateway.Client.SendAsync(request, Cancel);
                response.StatusCode.ShouldBe(HttpStatusCode.OK);
                string used = (await gateway.NextRecordAsync()).RequestId;
                used.Length.ShouldBeLessThanOrEqualTo(128);
                used.ShouldAllBe(c => char.IsAsciiLetterOrDigit(c));
            }
        }
        upstream.Seen.ShouldAllBe(s => !s.Headers["X-Request-ID"].Contains(sent));
    }
}
