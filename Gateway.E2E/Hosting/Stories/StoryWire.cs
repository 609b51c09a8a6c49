using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Gateway.E2E.Hosting.Stories;

/// <summary>How one wire checks requests and tells stories.</summary>
internal abstract class StoryWire(HttpContext context)
{
    protected HttpContext Context { get; } = context;

    /// <summary>The model that is asked for.</summary>
    public virtual string ModelOf(JsonNode body) => body["model"]!.GetValue<string>();

    public virtual bool Streams(JsonNode body) => body["stream"]?.GetValue<bool>() == true;

    /// <summary>What is wrong with the request; null for nothing.</summary>
    public abstract string? Check(JsonNode body, string story);

    /// <summary>Whether the request holds the results of the calls that were asked for.</summary>
    public abstract bool IsAnswered(JsonNode body);
    public abstract JsonNode ErrorOf(StoryRefusal refusal);
    public abstract JsonNode Whole(string model, Story story);
    public abstract Task StreamAsync(string model, Story story);

    /// <summary>In two pieces, as models write.</summary>
    protected static IEnumerable<string> Pieces(string text) => [text[..(text.Length / 2)], text[(text.Length / 2)..]];

    /// <summary>Writes one event and sends it off.</summary>
    protected async Task SendAsync(string? name, string data)
    {
        await Context.Response.WriteAsync(name is null ? $"data: {data}\n\n" : $"event: {name}\ndata: {data}\n\n");
        await Context.Response.Body.FlushAsync();
    }

    protected static JsonObject Json(string json) => JsonNode.Parse(json)!.AsObject();
}
