using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gateway.E2E.Hosting;

/// <summary>What the scripted upstream can do besides talking: hear, speak, draw, judge, rank and keep files.</summary>
internal static class ScriptedCapabilities
{
    /// <summary>Eight kilobytes that are no sound, but as good as one to a gateway.</summary>
    public static byte[] Sound { get; } = [.. Enumerable.Range(0, 8192).Select(i => (byte)i)];

    public static void MapCapabilities(this IEndpointRouteBuilder app)
    {
        var files = new ConcurrentDictionary<string, byte[]>();
        app.MapPost("/v1/audio/transcriptions", TranscribeAsync);
        app.MapPost("/v1/audio/speech", SpeakAsync);
        app.MapPost("/v1/images/generations", DrawAsync);
        app.MapPost("/v1/images/edits", DrawAsync);
        app.MapPost("/v1/moderations", context => JsonAsync(context, """{"id":"modr-1","model":"stub-guard","results":[{"flagged":true,"categories":{"harassment":false,"violence":true},"category_scores":{"harassment":0.1,"violence":0.9},"category_applied_input_types":{"violence":["text"]}}]}"""));
        app.MapPost("/v1/files", async context =>
        {
            IFormFile file = (await context.Request.ReadFormAsync()).Files[0];
            using var content = new MemoryStream();
            await file.CopyToAsync(content);
            string id = $"file-{files.Count + 1}";
            files[id] = content.ToArray();
            await JsonAsync(context, Describe(id, file.Length, file.FileName));
        });
        app.MapGet("/v1/files/{id}", (HttpContext context, string id) => files.TryGetValue(id, out byte[]? kept)
            ? JsonAsync(context, Describe(id, kept.Length, "a.jsonl"))
            : JsonAsync(context, """{"error":{"message":"No such File object","type":"invalid_request_error","param":"id","code":null}}""", 404));
        app.MapGet("/v1/files/{id}/content", (string id) => Results.Bytes(files[id]));
        app.MapDelete("/v1/files/{id}", (HttpContext context, string id) => JsonAsync(context, $$"""{"id":"{{id}}","object":"file","deleted":true}"""));
    }

    private static string Describe(string id, long bytes, string name) =>
        $$"""{"id":"{{id}}","object":"file","bytes":{{bytes}},"created_at":1700000000,"filename":"{{name}}","purpose":"batch","status":"processed"}""";

    private static async Task TranscribeAsync(HttpContext context)
    {
        IFormCollection form = await context.Request.ReadFormAsync();
        if (form["stream"] == "true")
        {
            context.Response.ContentType = "text/event-stream";
            foreach (string data in (string[])["""{"type":"transcript.text.delta","delta":"Hello "}""", """{"type":"transcript.text.delta","delta":"world"}""",
                """{"type":"transcript.text.done","text":"Hello world","usage":{"type":"tokens","total_tokens":28,"input_tokens":17,"input_token_details":{"text_tokens":0,"audio_tokens":17},"output_tokens":11}}""", "[DONE]"])
            {
                await context.Response.WriteAsync($"data: {data}\n\n");
                await context.Response.Body.FlushAsync();
            }
            return;
        }
        if (form["response_format"] == "srt")
        {
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync("1\n00:00:00,000 --> 00:00:02,000\nHello world\n");
            return;
        }
        await JsonAsync(context, $$$"""{"text":"{{{form["model"]}}} heard {{{form.Files[0].Length}}} bytes","usage":{"type":"tokens","total_tokens":28,"input_tokens":17,"input_token_details":{"text_tokens":0,"audio_tokens":17},"output_tokens":11}}""");
    }

    private static async Task SpeakAsync(HttpContext context)
    {
        context.Response.ContentType = "audio/mpeg";
        for (int at = 0; at < Sound.Length; at += 1000)
        {
            await context.Response.Body.WriteAsync(Sound.AsMemory(at, Math.Min(1000, Sound.Length - at)));
            await context.Response.Body.FlushAsync();
        }
    }

    private static Task DrawAsync(HttpContext context) =>
        JsonAsync(context, """{"created":1700000000,"data":[{"b64_json":"iVBORw0KGgo="}],"usage":{"input_tokens":22,"input_tokens_details":{"image_tokens":0,"text_tokens":22},"output_tokens":2112,"total_tokens":2134}}""");

    private static Task JsonAsync(HttpContext context, string json, int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json);
    }
}
