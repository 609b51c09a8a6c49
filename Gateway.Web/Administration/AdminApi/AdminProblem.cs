using Gateway.Core.Catalog;

namespace Gateway.Web.Administration.AdminApi;

/// <summary>An error of the admin API, as RFC 9457 has it, with everything that is wrong.</summary>
internal sealed record AdminProblem(string Type, string Title, int Status, string Detail, IReadOnlyList<AdminProblemError> Errors)
{
    private const string ContentType = "application/problem+json";
    private const string RetryAfterSeconds = "5";

    public static Task WriteAsync(HttpContext context, int status, string detail, IReadOnlyList<CatalogError>? errors = null)
    {
        context.Response.StatusCode = status;
        if (status == StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = RetryAfterSeconds;
        }
        var problem = new AdminProblem(
            "about:blank",
            TitleOf(status),
            status,
            detail,
            [.. (errors ?? []).Select(e => new AdminProblemError(e.Path, e.Message))]);
        return context.Response.WriteAsJsonAsync(problem, AdministrationJson.Options, ContentType, context.RequestAborted);
    }

    public static Task WriteAsync(HttpContext context, AdministrationOutcome outcome, IReadOnlyList<CatalogError> errors) => WriteAsync(
        context,
        outcome switch
        {
            AdministrationOutcome.NotFound => StatusCodes.Status404NotFound,
            AdministrationOutcome.Conflict or AdministrationOutcome.ReadOnly => StatusCodes.Status409Conflict,
            AdministrationOutcome.NotAsRead => StatusCodes.Status412PreconditionFailed,
            AdministrationOutcome.Forbidden => StatusCodes.Status403Forbidden,
            AdministrationOutcome.Unavailable => StatusCodes.Status503ServiceUnavailable,
            _ => StatusCodes.Status400BadRequest,
        },
        errors.Count == 1 ? errors[0].Message : $"{errors.Count} things are wrong; nothing was changed.",
        errors);

    private static string TitleOf(int status) => status switch
    {
        400 => "Not valid",
        401 => "Not authenticated",
        403 => "Not allowed",
        404 => "Not found",
        405 => "Method not allowed",
        409 => "Conflict",
        412 => "Precondition failed",
        413 => "Too large",
        415 => "Not JSON",
        503 => "Not available",
        _ => "Error",
    };
}

/// <param name="Path">The field at fault; empty when it is the whole.</param>
internal sealed record AdminProblemError(string Path, string Message);
