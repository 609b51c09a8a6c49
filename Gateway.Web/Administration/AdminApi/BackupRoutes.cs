using Gateway.Web.Administration.Backups;

namespace Gateway.Web.Administration.AdminApi;

/// <summary>Routes <c>/admin/v1/backup</c> and <c>/admin/v1/restore</c>: for administrators alone.</summary>
internal static class BackupRoutes
{
    private const long MaxBackupBytes = 64 * 1024 * 1024;

    public static void Map(RouteGroupBuilder admin)
    {
        RouteGroupBuilder api = admin.MapGroup("").WithTags("Backup");
        api.MapAdmin("POST", "/backup", MakeAsync, "All that people have set up as one file, encrypted with a passphrase").Takes<BackupChange>().Gives<BackupFile>().Fails(400);
        api.MapAdmin("POST", "/restore", RestoreAsync, "Put a backup in force; dry_run (the default) only says what would change").Takes<RestoreChange>().Gives<RestoreView>().Fails(400, 409);
    }

    private static BackupAdministration Backups(HttpContext context) => context.RequestServices.GetRequiredService<BackupAdministration>();

    private static async Task MakeAsync(HttpContext context)
    {
        if (await context.ReadAsync<BackupChange>() is not { } change)
        {
            return;
        }
        AdministrationResult<BackupMade> result = await Backups(context).MakeAsync(change, context.Actor(), context.RequestAborted);
        if (result.IsDone)
        {
            context.Response.Headers.ContentDisposition = $"attachment; filename=\"{result.Value.FileName}\"";
            context.Response.Headers.CacheControl = "no-store";
            await context.WriteJsonAsync(result.Value.File);
            return;
        }
        await context.WriteAsync(result);
    }

    private static async Task RestoreAsync(HttpContext context)
    {
        if (await context.ReadAsync<RestoreChange>(MaxBackupBytes) is { } change)
        {
            await context.WriteAsync(await Backups(context).RestoreAsync(change, context.Actor(), context.RequestAborted));
        }
    }
}
