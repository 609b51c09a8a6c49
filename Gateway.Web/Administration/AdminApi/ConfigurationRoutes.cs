using System.Globalization;
using Gateway.Web.Administration.Configuration;
using Gateway.Web.Administration.Configuration.Trial;

namespace Gateway.Web.Administration.AdminApi;

/// <summary>Routes under <c>/admin/v1/configuration</c>: versions, drafts, export and import.</summary>
internal static class ConfigurationRoutes
{
    public static void Map(RouteGroupBuilder admin)
    {
        RouteGroupBuilder api = admin.MapGroup("/configuration").WithTags("Configuration");
        api.MapAdmin("GET", "/export", ExportAsync, "The configuration in force as a YAML file without secrets; format=yaml gives the file alone").Gives<ConfigFile>();
        api.MapAdmin("GET", "/versions", ListAsync, "List the versions that changes have left, newest first").Gives<IReadOnlyList<ConfigVersionView>>().Fails(400);
        api.MapAdmin("GET", "/versions/{version}", GetAsync, "One version as a YAML file without secrets").Gives<ConfigFile>().Fails(400, 404);
        api.MapAdmin("GET", "/diff", CompareAsync, "What differs between two versions, from and to; without to: the present one, without from: the one before").Gives<ConfigComparison>().Fails(400, 404);
        api.MapAdmin("POST", "/versions/{version}/rollback", RollBackAsync, "Make the configuration what it was; dry_run (the default) only says what would change").Takes<RollbackChange>().Gives<RollbackView>().Fails(400, 404, 409);
        api.MapAdmin("GET", "/drafts", ListDraftsAsync, "List drafts").Gives<IReadOnlyList<DraftSummary>>();
        api.MapAdmin("POST", "/drafts", CreateAsync, "Start a draft from the present configuration, or from YAML").Takes<DraftChange>().Gives<DraftView>(201).Fails(400, 409);
        api.MapAdmin("POST", "/import", ImportAsync, "Make a draft of a configuration file, or of one of a LiteLLM proxy, with a report on each of its settings").Takes<DraftImport>().Gives<DraftView>(201).Fails(400, 409);
        api.MapAdmin("GET", "/drafts/{id}", GetDraftAsync, "A draft: its text, what is wrong with it, and what applying it would change").Gives<DraftView>().Fails(404);
        api.MapAdmin("PUT", "/drafts/{id}", UpdateAsync, "Change a draft's text or name").Takes<DraftChange>().Gives<DraftView>().Fails(400, 404, 409);
        api.MapAdmin("DELETE", "/drafts/{id}", DiscardAsync, "Discard a draft").GivesNothing().Fails(404);
        api.MapAdmin("POST", "/drafts/{id}/apply", ApplyAsync, "Put a draft in force as one change").Takes<DraftApplication>().Gives<DraftApplied>().Fails(400, 404, 409);
        api.MapAdmin("POST", "/drafts/{id}/rebase", RebaseAsync, "Put a draft on top of the present configuration").Takes<DraftRebase>().Gives<DraftView>().Fails(400, 404, 409);
        api.MapAdmin("POST", "/drafts/{id}/replay", ReplayAsync, "Try a draft on the recorded calls of the last hours, without their content").Takes<ReplayChange>().Gives<ReplayView>().Fails(400, 404);
    }

    private static ConfigHistory History(HttpContext context) => context.RequestServices.GetRequiredService<ConfigHistory>();

    private static ConfigDrafts Drafts(HttpContext context) => context.RequestServices.GetRequiredService<ConfigDrafts>();

    private static Task ExportAsync(HttpContext context)
    {
        ConfigFile file = context.RequestServices.GetRequiredService<ConfigExport>().Write();
        if (context.Request.Query["format"] != "yaml")
        {
            return context.WriteJsonAsync(file);
        }
        context.Response.ContentType = "application/yaml; charset=utf-8";
        return context.Response.WriteAsync(file.Yaml, context.RequestAborted);
    }

    private static async Task ListAsync(HttpContext context)
    {
        if (context.Limit() is not { } limit)
        {
            await context.WriteLimitProblemAsync();
            return;
        }
        if (!TryVersion(context.Request.Query["after"].FirstOrDefault(), out long? after))
        {
            await NoVersionAsync(context);
            return;
        }
        IReadOnlyList<ConfigVersionView> versions = await History(context).ListAsync(after, limit + 1, context.RequestAborted);
        await context.WritePageAsync([.. versions], limit, v => v.Version.ToString(CultureInfo.InvariantCulture));
    }

    private static async Task GetAsync(HttpContext context)
    {
        if (!TryVersion(context.Route("version"), out long? version) || version is null)
        {
            await NoVersionAsync(context);
            return;
        }
        await context.WriteAsync(await History(context).GetAsync(version.Value, context.RequestAborted));
    }

    private static async Task CompareAsync(HttpContext context)
    {
        if (!TryVersion(context.Request.Query["from"].FirstOrDefault(), out long? from) || !TryVersion(context.Request.Query["to"].FirstOrDefault(), out long? to))
        {
            await NoVersionAsync(context);
            return;
        }
        await context.WriteAsync(await History(context).CompareAsync(from, to, context.RequestAborted));
    }

    private static async Task RollBackAsync(HttpContext context)
    {
        if (!TryVersion(context.Route("version"), out long? version) || version is null)
        {
            await NoVersionAsync(context);
        }
        else if (await context.ReadAsync<RollbackChange>() is { } change)
        {
            await context.WriteAsync(await History(context).RollBackAsync(version.Value, change, context.Actor(), context.RequestAborted));
        }
    }

    private static async Task ListDraftsAsync(HttpContext context) => await context.WriteJsonAsync(await Drafts(context).ListAsync(context.RequestAborted));

    private static async Task CreateAsync(HttpContext context)
    {
        if (await context.ReadAsync<DraftChange>() is { } change)
        {
            await context.WriteCreatedAsync(await Drafts(context).CreateAsync(change, context.Actor(), context.RequestAborted), d => d.Id);
        }
    }

    private static async Task ImportAsync(HttpContext context)
    {
        if (await context.ReadAsync<DraftImport>() is { } import)
        {
            AdministrationResult<DraftView> result = await Drafts(context).ImportAsync(import, context.Actor(), context.RequestAborted);
            if (result.IsDone)
            {
                context.Response.Headers.Location = $"{AdminApiExtensions.Prefix}/configuration/drafts/{result.Value.Id}";
            }
            await context.WriteAsync(result, StatusCodes.Status201Created);
        }
    }

    private static async Task GetDraftAsync(HttpContext context) =>
        await context.WriteAsync(await Drafts(context).GetAsync(context.Route("id"), context.RequestAborted));

    // Whoever gets here is an administrator, who may change everybody's.
    private static async Task UpdateAsync(HttpContext context)
    {
        if (await context.ReadAsync<DraftChange>() is { } change)
        {
            await context.WriteAsync(await Drafts(context).UpdateAsync(context.Route("id"), change, context.Actor(), asAdministrator: true, context.RequestAborted));
        }
    }

    private static async Task DiscardAsync(HttpContext context) => await context.WriteAsync(
        await Drafts(context).DiscardAsync(context.Route("id"), context.Actor(), asAdministrator: true, context.RequestAborted), StatusCodes.Status204NoContent);

    private static async Task ApplyAsync(HttpContext context)
    {
        if (await context.ReadAsync<DraftApplication>() is { } application)
        {
            await context.WriteAsync(await Drafts(context).ApplyAsync(context.Route("id"), application, context.Actor(), asAdministrator: true, context.RequestAborted));
        }
    }

    private static async Task RebaseAsync(HttpContext context)
    {
        if (await context.ReadAsync<DraftRebase>() is { } rebase)
        {
            await context.WriteAsync(await Drafts(context).RebaseAsync(context.Route("id"), rebase, context.Actor(), asAdministrator: true, context.RequestAborted));
        }
    }

    private static async Task ReplayAsync(HttpContext context)
    {
        if (await context.ReadAsync<ReplayChange>() is { } change)
        {
            await context.WriteAsync(await context.RequestServices.GetRequiredService<DraftReplay>().RunAsync(context.Route("id"), change, null, context.RequestAborted));
        }
    }

    private static bool TryVersion(string? text, out long? version)
    {
        version = null;
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }
        bool read = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number);
        version = number;
        return read;
    }

    private static Task NoVersionAsync(HttpContext context) =>
        AdminProblem.WriteAsync(context, StatusCodes.Status400BadRequest, "A version is a whole number, as listed by /admin/v1/configuration/versions.");
}
