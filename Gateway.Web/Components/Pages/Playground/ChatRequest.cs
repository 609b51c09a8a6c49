using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Web.Components.Pages.Playground;

/// <summary>What the playground asks with; empty fields are left out of the request.</summary>
internal sealed class ChatRequest
{
    public string Model { get; set; } = "";
    public string System { get; set; } = "";
    public double? Temperature { get; set; }
    public double? TopP { get; set; }
    public int? MaxTokens { get; set; }

    /// <summary>Name of a route; empty lets the model decide.</summary>
    public string Route { get; set; } = "";
    public bool Stream { get; set; } = true;

    /// <summary>The request body for a conversation whose last turn has no answer yet.</summary>
    public byte[] ToBody(IReadOnlyList<ChatTurn> turns)
    {
        var messages = new JsonArray();
        if (!string.IsNullOrWhiteSpace(System))
        {
            messages.Add(Message("system", System));
        }
        foreach (ChatTurn turn in turns)
        {
            messages.Add(Message("user", turn.Question));
            if (turn.Answer.Length > 0)
            {
                messages.Add(Message("assistant", turn.Answer.ToString()));
            }
        }
        var body = new JsonObject { ["model"] = Model, ["messages"] = messages, ["stream"] = Stream };
        if (Temperature is { } temperature)
        {
            body["temperature"] = temperature;
        }
        if (TopP is { } topP)
        {
            body["top_p"] = topP;
        }
        if (MaxTokens is { } maxTokens)
        {
            body["max_tokens"] = maxTokens;
        }
        if (Route.Length > 0)
        {
            body["omni_route"] = Route;
        }
        return JsonSerializer.SerializeToUtf8Bytes(body);
    }

    private static JsonObject Message(string role, string content) => new() { ["role"] = role, ["content"] = content };
}
