using Gateway.Web.Administration.SignIn;
using Gateway.Web.Security;
using Microsoft.AspNetCore.Authentication;

namespace Gateway.Web.Administration.AdminApi;

/// <summary>Routes under <c>/admin/v1/sign-in</c>.</summary>
internal static class SignInRoutes
{
    public static void Map(RouteGroupBuilder admin)
    {
        RouteGroupBuilder api = admin.MapGroup("/sign-in").WithTags("Sign-in");
        api.MapAdmin("GET", "/rules", GetAsync, "Get the rules that give people roles").Gives<SignInRulesView>();
        api.MapAdmin("PUT", "/rules", SaveAsync, "Replace the rules that give people roles").Takes<SignInRulesChange>().Gives<SignInRulesView>().Fails(400, 409);
        api.MapAdmin("POST", "/preview", PreviewAsync, "Try the rules on claims").Takes<SignInPreview>().Gives<SignInPreviewView>().Fails(400);
    }

    private static SignInRulesAdministration Of(HttpContext context) => context.RequestServices.GetRequiredService<SignInRulesAdministration>();

    private static async Task GetAsync(HttpContext context) => await context.WriteJsonAsync(await Of(context).ReadAsync(context.RequestAborted));

    private static async Task SaveAsync(HttpContext context)
    {
        if (await context.ReadAsync<SignInRulesChange>() is { } change)
        {
            // Whoever comes with the admin key keeps it, whatever the rules say.
            SignInPerson? editor = context.Actor() != Administration.Actor.AdminKey && (await context.AuthenticateAsync(ConsoleSignIn.Scheme)).Principal is { } user
                ? ConsoleSession.Of(user)?.Person : null;
            await context.WriteAsync(await Of(context).SaveAsync(change, context.Actor(), editor, context.RequestAborted));
        }
    }

    private static async Task PreviewAsync(HttpContext context)
    {
        if (await context.ReadAsync<SignInPreview>() is { } preview)
        {
            await context.WriteAsync(await Of(context).PreviewAsync(preview, context.RequestAborted));
        }
    }
}
