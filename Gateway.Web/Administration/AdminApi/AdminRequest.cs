using System.Globalization;
using System.Security.Claims;
using System.Text.Json;
using Gateway.Core.Catalog;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Web.Administration.AdminApi;

/// <summary>Reads requests and writes answers of the admin API.</summary>
internal static class AdminRequest
{
    private const long MaxBodyBytes = 1_048_576;
    private const int DefaultLimit = 1000;
    private const int MaxLimit = 1000;

    /// <summary>Who calls, for the audit log.</summary>
    public static Actor Actor(this HttpContext context) =>
        new(context.User.FindFirstValue(AdminAuthentication.ActorClaim) ?? "unknown") { Condition = context.Condition() };

    /// <summary>Of <c>If-Match</c>; null without one. <c>*</c> asks for no more than that there is an entry, which each operation looks at.</summary>
    public static EntryCondition? Condition(this HttpContext context) => context.Request.Headers.IfMatch is { Count: > 0 } tags && tags != "*"
        ? new EntryCondition(context.Request.RouteValues["id"] as string ?? "", tags.ToString().Split(',', StringSplitOptions.TrimEntries))
        : null;

    public static string Route(this HttpContext context, string name) => (string)context.Request.RouteValues[name]!;

    /// <summary>The body as JSON; null when it is not, and then the answer was sent.</summary>
    public static async Task<T?> ReadAsync<T>(this HttpContext context, long most = MaxBodyBytes)
        where T : class
    {
        if (!context.Request.HasJsonContentType())
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status415UnsupportedMediaType, "Send JSON, with the header Content-Type: application/json.");
            return null;
        }
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = most;
        }
        try
        {
            T? value = await JsonSerializer.DeserializeAsync<T>(context.Request.Body, AdministrationJson.Options, context.RequestAborted);
            if (value is null)
            {
                await AdminProblem.WriteAsync(context, StatusCodes.Status400BadRequest, "A JSON object is expected.");
            }
            return value;
        }
        catch (JsonException e)
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status400BadRequest, "The body does not fit.", [new CatalogError(OptionalConverterFactory.PathOf(e), AdminJsonErrors.Describe(e))]);
            return null;
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            await AdminProblem.WriteAsync(context, e.StatusCode, $"The body is larger than {most} bytes.");
            return null;
        }
    }

    public static Task WriteAsync<T>(this HttpContext context, AdministrationResult<T> result, int status = StatusCodes.Status200OK)
    {
        if (!result.IsDone)
        {
            return AdminProblem.WriteAsync(context, result.Outcome, result.Errors);
        }
        context.Response.StatusCode = status;
        return status == StatusCodes.Status204NoContent ? Task.CompletedTask : context.WriteJsonAsync(result.Value);
    }

    public static Task WriteCreatedAsync<T>(this HttpContext context, AdministrationResult<T> result, Func<T, string> id)
    {
        if (result.IsDone)
        {
            context.Response.Headers.Location = $"{context.Request.Path}/{id(result.Value)}";
        }
        return context.WriteAsync(result, StatusCodes.Status201Created);
    }

    public static Task WriteJsonAsync<T>(this HttpContext context, T value) =>
        context.Response.WriteAsJsonAsync(value, AdministrationJson.Options, "application/json", context.RequestAborted);

    /// <summary>A page of the list: <c>limit</c> entries after the one with the id <c>after</c>, and a Link to the next.</summary>
    public static Task WritePageAsync<T>(this HttpContext context, IReadOnlyList<T> all, Func<T, string> id)
    {
        if (context.Limit() is not { } limit)
        {
            return context.WriteLimitProblemAsync();
        }
        IEnumerable<T> rest = all;
        if (context.Request.Query["after"].ToString() is { Length: > 0 } after)
        {
            if (all.All(e => id(e) != after))
            {
                return AdminProblem.WriteAsync(context, StatusCodes.Status400BadRequest, "The entry named by after is not there any more; start again without it.");
            }
            rest = all.SkipWhile(e => id(e) != after).Skip(1);
        }
        T[] page = [.. rest.Take(limit + 1)];
        return context.WritePageAsync(page, limit, id);
    }

    /// <summary>Of a list read with one entry more than <paramref name="limit"/>, which tells that there is a next page.</summary>
    public static Task WritePageAsync<T>(this HttpContext context, T[] oneMore, int limit, Func<T, string> id)
    {
        T[] page = oneMore.Length > limit ? oneMore[..limit] : oneMore;
        if (oneMore.Length > limit)
        {
            QueryString next = QueryString.Create(context.Request.Query
                .Where(q => q.Key is not ("after" or "limit")).Select(q => KeyValuePair.Create(q.Key, (string?)q.Value.ToString()))
                .Append(new("limit", limit.ToString(CultureInfo.InvariantCulture))).Append(new("after", id(page[^1]))));
            context.Response.Headers.Link = $"<{context.Request.Path}{next}>; rel=\"next\"";
        }
        return context.WriteJsonAsync(page);
    }

    /// <summary>Null when it is not a number from 1 to 1000.</summary>
    public static int? Limit(this HttpContext context) => context.Request.Query["limit"].ToString() switch
    {
        "" => DefaultLimit,
        var text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int limit) && limit is >= 1 and <= MaxLimit ? limit : null,
    };

    public static Task WriteLimitProblemAsync(this HttpContext context) =>
        AdminProblem.WriteAsync(context, StatusCodes.Status400BadRequest, $"limit is a whole number from 1 to {MaxLimit}.");
}
