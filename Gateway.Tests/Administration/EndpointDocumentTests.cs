using System.Text.RegularExpressions;
using Gateway.Web.Administration.AdminApi;
using Gateway.Web.Administration.SelfService;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration;

public sealed partial class EndpointDocumentTests
{
    [Fact]
    public async Task Document_NamesEveryRouteOfTheAdminApi_AndNoOther()
    {
        await using var product = new TestProduct();
        await product.StartAsync();
        string[] mapped =
        [
            .. product.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
                .Select(e => (Path: "/" + e.RoutePattern.RawText!.Trim('/'), Methods: e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []))
                .Where(e => e.Path.StartsWith(AdminApiExtensions.Prefix + "/", StringComparison.Ordinal) || e.Path == SelfServiceRoutes.Path)
                .SelectMany(e => e.Methods.Select(m => $"{m} {e.Path}")),
        ];
        string[] named =
        [
            .. File.ReadAllLines(RepositoryRoot.File("docs", "endpoints.md")).SelectMany(l => Named().Matches(l))
                .SelectMany(m => m.Groups[1].Value.Split(", ").Select(method => $"{method} {m.Groups[2].Value}")),
        ];

        mapped.Length.ShouldBeGreaterThan(100);
        named.Order(StringComparer.Ordinal).ShouldBe(mapped.Distinct().Order(StringComparer.Ordinal));
    }

    [GeneratedRegex("`([A-Z]+(?:, [A-Z]+)*) (/(?:admin|self)/v1[^`?]*)`")]
    private static partial Regex Named();
}
