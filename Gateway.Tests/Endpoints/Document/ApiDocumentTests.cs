using System.Net;
using System.Text.Json;
using Gateway.Tests.Administration;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Endpoints.Document;

/// <summary>The data plane's OpenAPI document, and its page.</summary>
public sealed class ApiDocumentTests
{
    // Gemini's methods stand behind a model's name, and so in the pattern of no route.
    private static readonly string[] Methods = ["generateContent", "streamGenerateContent", "countTokens", "embedContent", "batchEmbedContents"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Document_IsValidAndDescribesEveryRouteOfTheDataPlane_AndNoOther()
    {
        await using var product = new TestProduct();
        using HttpClient client = await product.StartAsync();
        client.DefaultRequestHeaders.Clear();

        using HttpResponseMessage response = await client.GetAsync("/v1/openapi.json", Cancel);
        string json = await response.Content.ReadAsStringAsync(Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        ReadResult read = OpenApiDocument.Parse(json, "json");
        read.Diagnostic!.SpecificationVersion.ShouldBe(OpenApiSpecVersion.OpenApi3_1);
        read.Diagnostic.Errors.ShouldBeEmpty();
        string[] described = [.. read.Document!.Paths.SelectMany(p => p.Value.Operations!.Keys.Select(m => $"{m.Method} {p.Key}"))];
        described.Order(StringComparer.Ordinal).ShouldBe(Mapped(product).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Document_OfTheModels_HasBothShapesThatTheyAreAnsweredIn()
    {
        await using var product = new TestProduct();
        using HttpClient client = await product.StartAsync();
        using JsonDocument document = JsonDocument.Parse(await client.GetStringAsync("/v1/openapi.json", Cancel));

        JsonElement answer = document.RootElement.GetProperty("paths").GetProperty("/v1/models").GetProperty("get").GetProperty("responses").GetProperty("200")
            .GetProperty("content").GetProperty("application/json").GetProperty("schema");

        string name = answer.GetProperty("$ref").GetString()!.Split('/')[^1];
        References(document.RootElement.GetProperty("components").GetProperty("schemas").GetProperty(name))
            .ShouldBe(["#/components/schemas/ModelList", "#/components/schemas/AnthropicModelList"]);
    }

    [Fact]
    public async Task Document_RefersOnlyToWhatItHolds()
    {
        await using var product = new TestProduct();
        using HttpClient client = await product.StartAsync();
        using JsonDocument document = JsonDocument.Parse(await client.GetStringAsync("/v1/openapi.json", Cancel));

        string[] missing = [.. References(document.RootElement).Distinct().Where(r => !Holds(document.RootElement, r))];

        missing.ShouldBeEmpty();
    }

    [Fact]
    public async Task Page_IsOpenToEverybodyAndShowsTheDocument()
    {
        await using var product = new TestProduct();
        using HttpClient client = await product.StartAsync();
        client.DefaultRequestHeaders.Clear();

        using HttpResponseMessage page = await client.GetAsync("/docs/index.html", Cancel);

        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        page.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("script-src 'self'");
        (await client.GetStringAsync("/docs/index.js", Cancel)).ShouldContain("/v1/openapi.json");
    }

    private static IEnumerable<string> Mapped(TestProduct product) =>
        from endpoint in product.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        let path = "/" + endpoint.RoutePattern.RawText!.Trim('/')
        where path.StartsWith("/v1/", StringComparison.Ordinal) || path.StartsWith("/v2/", StringComparison.Ordinal) || path.StartsWith("/v1beta/", StringComparison.Ordinal)
        where !path.EndsWith("/{**path}", StringComparison.Ordinal) && path is not ("/v1/models/{**call}" or "/v1/openapi.json")
        from described in path.EndsWith("{**call}", StringComparison.Ordinal) ? Methods.Select(m => path.Replace("{**call}", "{model}:" + m, StringComparison.Ordinal)) : [path.Replace("{**id}", "{model}", StringComparison.Ordinal)]
        from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
        where method != "HEAD"
        select $"{method} {described}";

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p => p.NameEquals("$ref") ? [p.Value.GetString()!] : References(p.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };

    private static bool Holds(JsonElement document, string reference) =>
        reference[2..].Split('/').Aggregate((JsonElement?)document, (e, name) => e is { ValueKind: JsonValueKind.Object } o && o.TryGetProperty(name, out JsonElement next) ? next : null) is not null;
}
