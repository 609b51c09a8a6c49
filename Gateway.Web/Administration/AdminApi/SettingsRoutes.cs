using Gateway.Web.Administration.Settings;

namespace Gateway.Web.Administration.AdminApi;

/// <summary>Routes under <c>/admin/v1/settings</c>: what is in force, and what is kept how long.</summary>
internal static class SettingsRoutes
{
    /// <param name="reading">For whoever is signed in.</param>
    public static void Map(RouteGroupBuilder reading)
    {
        RouteGroupBuilder settings = reading.MapGroup("/settings").WithTags("Settings");
        settings.MapAdmin("GET", "", ListAsync, "List every setting with its value in force and what sets it; secrets only say whether they are set").Gives<SettingView[]>();
        settings.MapAdmin("GET", "/retention", RetentionAsync, "What is kept how long, and how much there is").Gives<RetentionReport>();
        settings.MapAdmin("POST", "/redact", RedactAsync, "See a text without its secrets; nothing is kept").Takes<RedactionTrial>().Gives<RedactedText>().Fails(400);
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
}
