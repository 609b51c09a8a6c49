using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Web.Security;

namespace Gateway.Web.Endpoints.Document;

/// <summary>
/// The OpenAPI 3.1 document of the data plane, and the page that shows it. Open to everybody: it names no model, key or provider.
/// Operations are in <see cref="ApiOperations"/>, what they take and give in schemas.json.
/// </summary>
internal static class ApiDocument
{
    public const string DocumentPath = "/v1/openapi.json";
    public const string PagePath = "docs";
    private const string Title = "Gateway API";

    private const string Statuses = " 400: what is wrong with the request. 401: no key, or none that is known. 404: no such model, or none that the key may use. 413: too large. "
        + "429: a limit or a budget. 502: the upstream failed. 503: no backend can be asked, or too much load. 504: the upstream took too long.";

    // Readable quotes and accents: the document is JSON by its content type, never part of a page.
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly Lazy<byte[]> Json = new(() => JsonSerializer.SerializeToUtf8Bytes(Build(), Readable));

    /// <summary>Serves the document.</summary>
    public static void MapApiDocument(this WebApplication app) => app.MapGet(DocumentPath, (RequestDelegate)WriteAsync).OnDataPlane();

    /// <summary>Serves the page, whose library a node without the console does not load.</summary>
    public static void UseApiPage(this WebApplication app)
    {
        app.UseWhen(c => c.Request.Path.StartsWithSegments("/" + PagePath), page => page.Use(BrowserHeaders.Add));
        app.UseSwaggerUI(options =>
        {
            options.RoutePrefix = PagePath;
            options.DocumentTitle = Title;
            options.SwaggerEndpoint(DocumentPath, Title);
        });
    }

    private static Task WriteAsync(HttpContext context)
    {
        context.EchoRequestId();
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = Json.Value.Length;
        return context.Response.Body.WriteAsync(Json.Value, context.RequestAborted).AsTask();
    }

    private static JsonObject Build()
    {
        var paths = new JsonObject();
        foreach (ApiOperation operation in ApiOperations.All)
        {
            paths[operation.Path] ??= new JsonObject();
            paths[operation.Path]![operation.Method.ToLowerInvariant()] = Describe(operation);
        }
        return new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = new JsonObject
            {
                ["title"] = Title,
                ["version"] = "v1",
                ["description"] = "What applications call, in the APIs of OpenAI, Anthropic, Gemini and Cohere. Fields that are not listed travel as they are. "
                    + "What is called by `POST` below `/v1` is there without it, too. The OpenAI operations are also at `/openai/v1/…` and, as Azure has them, at `/openai/deployments/{deployment}/…`; Gemini's also below `/v1`. "
                    + "Whatever else is asked for below `/v1` is handed to a provider as it is.",
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/" }),
            ["security"] = new JsonArray([.. ApiOperations.Keys.Select(k => new JsonObject { [k.Name] = new JsonArray() })]),
            ["tags"] = new JsonArray([.. ApiOperations.All.Select(o => o.Tag).Distinct().Select(t => new JsonObject { ["name"] = t })]),
            ["paths"] = paths,
            ["components"] = Components(),
        };
    }

    private static JsonObject Describe(ApiOperation operation)
    {
        var described = new JsonObject { ["tags"] = new JsonArray(operation.Tag), ["summary"] = operation.Summary, ["operationId"] = operation.Id };
        var parameters = new JsonArray([.. operation.PathParameters.Select(InPath)]);
        foreach (string name in operation.IsOpen ? [] : operation.Takes is null ? (string[])["RequestId"] : ["RequestId", "ProviderPriority"])
        {
            parameters.Add(Ref("parameters", name));
        }
        if (parameters.Count > 0)
        {
            described["parameters"] = parameters;
        }
        if (operation.Takes is not null)
        {
            described["requestBody"] = new JsonObject { ["required"] = true, ["content"] = Content(operation.TakesMedia, operation.Takes) };
        }
        if (operation.IsOpen)
        {
            described["security"] = new JsonArray();
        }
        described["responses"] = Responses(operation);
        return described;
    }

    private static JsonObject Responses(ApiOperation operation)
    {
        var content = new JsonObject();
        foreach (string media in operation.GivesMedia)
        {
            content[media] = media == "application/json" ? new JsonObject { ["schema"] = Ref("schemas", operation.Gives) } : new JsonObject();
        }
        var responses = new JsonObject
        {
            ["200"] = new JsonObject
            {
                ["description"] = "The answer.",
                ["headers"] = Headers(h => operation.IsOpen ? h.Name == "x-request-id" : operation.Takes is not null ? h.OfAnswers : h.OfAnswers && !h.OfCalls),
                ["content"] = content,
            },
        };
        foreach (string status in operation.Failures)
        {
            responses[status] = Ref("responses", operation.IsOpen ? operation.Gives : operation.Wire + "Error");
        }
        return responses;
    }

    private static JsonObject Components()
    {
        var schemas = (JsonObject)JsonNode.Parse(typeof(ApiDocument).Assembly.GetManifestResourceStream("schemas.json")!)!;
        return new JsonObject
        {
            ["securitySchemes"] = new JsonObject(ApiOperations.Keys.Select(k => KeyValuePair.Create<string, JsonNode?>(k.Name, Scheme(k.Name, k.Meaning)))),
            ["parameters"] = new JsonObject
            {
                ["RequestId"] = Parameter("X-Request-ID", "Your id of the call, up to 128 letters, digits and `-_.:+/=@~#`. It comes back, and is in the record.", new JsonObject { ["type"] = "string", ["maxLength"] = 128 }),
                ["ProviderPriority"] = Parameter("X-Provider-Priority", "Names of providers to ask first, in this order, with commas between them.", new JsonObject { ["type"] = "string" }),
            },
            ["headers"] = new JsonObject(ApiOperations.Headers.Select(h => KeyValuePair.Create<string, JsonNode?>(
                h.Name, new JsonObject { ["description"] = h.Meaning, ["schema"] = new JsonObject { ["type"] = h.Type } }))),
            ["responses"] = new JsonObject
            {
                ["OpenAIError"] = Failure("OpenAIError", "The reason, in OpenAI's envelope." + Statuses),
                ["AnthropicError"] = Failure("AnthropicError", "The reason, in Anthropic's envelope; too much load is 529 here." + Statuses),
                ["GeminiError"] = Failure("GeminiError", "The reason, in Google's envelope." + Statuses),
                ["Readiness"] = Failure("Readiness", "Not ready, and what is missing."),
            },
            ["schemas"] = schemas,
        };
    }

    private static JsonObject Scheme(string name, string meaning) => name == "bearer"
        ? new JsonObject { ["type"] = "http", ["scheme"] = "bearer" }
        : new JsonObject { ["type"] = "apiKey", ["in"] = "header", ["name"] = name, ["description"] = meaning };

    private static JsonObject InPath(string name) =>
        new() { ["name"] = name, ["in"] = "path", ["required"] = true, ["schema"] = new JsonObject { ["type"] = "string" } };

    private static JsonObject Parameter(string name, string meaning, JsonObject schema) =>
        new() { ["name"] = name, ["in"] = "header", ["description"] = meaning, ["schema"] = schema };

    private static JsonObject Failure(string schema, string meaning) => new()
    {
        ["description"] = meaning,
        ["headers"] = Headers(h => h.OfErrors),
        ["content"] = Content(["application/json"], schema),
    };

    private static JsonObject Headers(Func<ApiHeader, bool> which) =>
        new(ApiOperations.Headers.Where(which).Select(h => KeyValuePair.Create<string, JsonNode?>(h.Name, Ref("headers", h.Name))));

    private static JsonObject Content(IEnumerable<string> media, string schema) =>
        new(media.Select(m => KeyValuePair.Create<string, JsonNode?>(m, new JsonObject { ["schema"] = Ref("schemas", schema) })));

    private static JsonObject Ref(string kind, string name) => new() { ["$ref"] = $"#/components/{kind}/{name}" };
}
