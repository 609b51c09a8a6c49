using Microsoft.AspNetCore.Http.Metadata;

namespace Gateway.Web.Administration.AdminApi;

/// <summary>Tells the OpenAPI document what an operation takes and gives.</summary>
internal static class AdminOperation
{
    /// <summary>Stands for every content type, so that the operation itself answers 415; the document leaves it out.</summary>
    public const string AnyType = "*/*";

    public static IEndpointConventionBuilder Takes<T>(this IEndpointConventionBuilder endpoint) =>
        endpoint.WithMetadata(new AcceptsMetadata(["application/json", AnyType], typeof(T))).Fails(413, 415);

    public static IEndpointConventionBuilder Gives<T>(this IEndpointConventionBuilder endpoint, int status = StatusCodes.Status200OK) =>
        endpoint.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(T), ["application/json"]));

    public static IEndpointConventionBuilder GivesNothing(this IEndpointConventionBuilder endpoint) =>
        endpoint.WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status204NoContent));

    public static IEndpointConventionBuilder Fails(this IEndpointConventionBuilder endpoint, params int[] statuses)
    {
        foreach (int status in statuses)
        {
            endpoint.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(AdminProblem), ["application/problem+json"]));
        }
        return endpoint;
    }
}
