using Gateway.Web.Administration.Transcoding;

namespace Gateway.Web.Administration.AdminApi;

/// <summary><c>POST /admin/v1/transcode</c>: the protocol lab for programs.</summary>
internal static class TranscodeRoutes
{
    public static void Map(RouteGroupBuilder admin) =>
        admin.MapAdmin("POST", "/transcode", TranscodeAsync, "Show a request, an answer or a stream of one wire in the others, with what that costs")
            .WithTags("Trying").Takes<TranscodeInput>().Gives<TranscodeView>().Fails(400);

    private static async Task TranscodeAsync(HttpContext context)
    {
        if (await context.ReadAsync<TranscodeInput>() is { } input)
        {
            await context.WriteAsync(WireComparison.Run(input));
        }
    }
}
