using Gateway.Web.Administration.Captures;
using Gateway.Web.Administration.Settings;

namespace Gateway.Web.Administration.AdminApi;

/// <summary>Routes under <c>/admin/v1/settings</c> and <c>/admin/v1/captures</c>: what is in force, what is kept, and whose content is captured.</summary>
internal static class SettingsRoutes
{
    /// <param name="reading">For whoever is signed in.</param>
    /// <param name="operating">For operators.</param>
    public static void Map(RouteGroupBuilder reading, RouteGroupBuilder operating)
    {
        RouteGroupBuilder settings = reading.MapGroup("/settings").WithTags("Settings");
        settings.MapAdmin("GET", "", ListAsync, "List every setting with its value in force and what sets it; secrets only say whether they are set").Gives<SettingView[]>();
        settings.MapAdmin("GET", "/retention", RetentionAsync, "What is kept how long, and how much there is").Gives<RetentionReport>();
        settings.MapAdmin("POST", "/redact", RedactAsync, "See a text without its secrets; nothing is kept").Takes<RedactionTrial>().Gives<RedactedText>().Fails(400);
        operating.MapGroup("/captures").WithTags("Settings").MapAdmin("GET", "", SumAsync, "How much is kept of what was said in calls").Gives<CapturedSum>();
        operating.MapGroup("/captures").WithTags("Settings").MapAdmin("DELETE", "", StopAllAsync, "Keep nothing more of what is said, with any key").Gives<KeyBulkResult>().Fails(403);
    }

    private static SettingsReading Of(HttpContext context) => context.RequestServices.GetRequiredService<SettingsReading>();

    private static async Task ListAsync(HttpContext context) => await context.WriteJsonAsync(await Of(context).ListAsync(context.RequestAborted));

    private static async Task RetentionAsync(HttpContext context) => await context.WriteJsonAsync(await Of(context).RetentionAsync(context.RequestAborted));

    private static async Task RedactAsync(HttpContext context)
    {
        if (await context.ReadAsync<RedactionTrial>() is { } trial)
        {
            await context.WriteAsync(SettingsReading.Redact(trial));
        }
    }

    private static async Task SumAsync(HttpContext context) =>
        await context.WriteJsonAsync(await context.RequestServices.GetRequiredService<CapturedCalls>().SumAsync(context.RequestAborted));

    private static async Task StopAllAsync(HttpContext context) =>
        await context.WriteAsync(await context.RequestServices.GetRequiredService<KeyAdministration>().StopCapturesAsync(context.Actor(), context.RequestAborted));
}
