using Gateway.Core.Catalog;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerUI;

namespace Gateway.Web.Administration.AdminApi;

/// <summary>The OpenAPI 3.1 document of the admin API, and the page that shows it.</summary>
internal static class AdminDocument
{
    public const string PagePath = "admin/docs";
    private const string KeyScheme = "AdminKey";

    public static void Configure(OpenApiOptions options)
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.ShouldInclude = d => d.RelativePath?.StartsWith("admin/v1/", StringComparison.Ordinal) == true;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Gateway admin API",
                Version = "v1",
                Description = "Everything that the console can change. Changes are in force on the answering node when the answer is sent.",
            };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                [KeyScheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = "X-Admin-Key" },
            };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(KeyScheme, document)] = [] }];
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer(TransformAsync);
        options.AddOperationTransformer((operation, context, _) =>
        {
            operation.RequestBody?.Content?.Remove(AdminOperation.AnyType);
            operation.Parameters ??= [];
            foreach (string name in RouteParameters(context.Description.RelativePath ?? "").Where(n => operation.Parameters.All(p => p.Name != n)))
            {
                operation.Parameters.Add(new OpenApiParameter { Name = name, In = ParameterLocation.Path, Required = true, Schema = new OpenApiSchema { Type = JsonSchemaType.String } });
            }
            if (context.Description.HttpMethod == "GET" && operation.Parameters.Count == 0)
            {
                operation.Parameters.Add(Query("limit", "Entries of a page, 1 to 1000.", JsonSchemaType.Integer));
                operation.Parameters.Add(Query("after", "Id of the last entry of the page before; the Link header has the whole address.", JsonSchemaType.String));
            }
            return Task.CompletedTask;
        });
    }

    public static void ConfigurePage(SwaggerUIOptions options)
    {
        options.RoutePrefix = PagePath;
        options.DocumentTitle = "Gateway admin API";
        options.SwaggerEndpoint(AdminApiExtensions.DocumentPath, "Gateway admin API");
    }

    private static IEnumerable<string> RouteParameters(string path) =>
        path.Split('/').Where(s => s.StartsWith('{') && s.EndsWith('}')).Select(s => s[1..^1]);

    private static OpenApiParameter Query(string name, string description, JsonSchemaType type) => new()
    {
        Name = name,
        In = ParameterLocation.Query,
        Description = description,
        Schema = new OpenApiSchema { Type = type },
    };

    // Types with converters of their own would be described as anything at all.
    private static async Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        Type type = context.JsonTypeInfo.Type;
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Optional<>))
        {
            OpenApiSchema inner = await context.GetOrCreateSchemaAsync(type.GetGenericArguments()[0], null, cancellationToken);
            // Null clears, whatever the type is.
            schema.Type = inner.Type | JsonSchemaType.Null;
            schema.Description = null;
            schema.Format = inner.Format;
            schema.Items = inner.Items;
            schema.Properties = inner.Properties;
            schema.AdditionalProperties = inner.AdditionalProperties;
            schema.Pattern = inner.Pattern;
            schema.Metadata = null;
        }
        else if (type == typeof(NanoUsd) || type == typeof(NanoUsd?))
        {
            schema.Type = JsonSchemaType.String | (type == typeof(NanoUsd?) ? JsonSchemaType.Null : 0);
            schema.Pattern = @"^\d+(\.\d{1,9})?$";
            schema.Description = "Dollars as a decimal text.";
        }
        else if (type == typeof(DateTimeOffset) || type == typeof(DateTimeOffset?))
        {
            schema.Type = JsonSchemaType.String | (type == typeof(DateTimeOffset?) ? JsonSchemaType.Null : 0);
            schema.Format = "date-time";
        }
        else if (type == typeof(IReadOnlyDictionary<string, string>))
        {
            schema.Type = JsonSchemaType.Object;
            schema.AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.String };
        }
    }
}
