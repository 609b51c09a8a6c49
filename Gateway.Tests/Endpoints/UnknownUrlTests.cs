using System.Net;
using System.Net.Http.Headers;
using Gateway.Tests.Administration;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Endpoints;

/// <summary>
/// What an SDK gets whose base URL is not quite right. It was led to the sign-in page, followed, and took the page for an answer.
/// </summary>
public sealed class UnknownUrlTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("POST", "/v3/chat")]
    [InlineData("GET", "/api/tags")]
    [InlineData("GET", "/models")]
    [InlineData("GET", "/chat/completions")]
    public async Task WhatIsNotThere_AskedWithAKey_Is404InJsonThatNamesTheBaseUrl(string method, string path)
    {
        await using var product = new TestProduct();
        HttpClient client = await product.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", "k") } };

        using HttpResponseMessage answer = await client.SendAsync(request, Cancel);

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        string body = await answer.Content.ReadAsStringAsync(Cancel);
        body.ShouldContain("\"code\":\"unknown_url\"");
        body.ShouldContain("base URL");
    }

    [Fact]
    public async Task Page_AskedByABrowser_StillLeadsToSignIn()
    {
        await using var product = new TestProduct();
        HttpClient client = await product.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/models") { Headers = { { "Accept", "text/html" } } };

        using HttpResponseMessage answer = await client.SendAsync(request, Cancel);

        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    // A browser asks for it by itself where a page names no icon; the sign-in page or an error would be noise.
    [Fact]
    public async Task Icon_IsThereWithoutSignIn()
    {
        await using var product = new TestProduct();
        HttpClient client = await product.StartAsync();

        using HttpResponseMessage answer = await client.GetAsync("/favicon.ico", Cancel);

        answer.Headers.Location!.OriginalString.ShouldBe("/favicon.svg");
    }

    // Some gateways have their API at the host itself: whoever comes from one changes the host and the key.
    [Fact]
    public async Task Call_WithoutTheVersion_IsTheSameCall()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        using HttpResponseMessage answer = await gateway.PostAsync(TestGateway.Body(), "/chat/completions");

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await gateway.NextRecordAsync()).Path.ShouldBe("/chat/completions");
    }
}
