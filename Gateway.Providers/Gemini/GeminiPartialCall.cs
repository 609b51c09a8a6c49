using System.Text.Json;

namespace Gateway.Providers.Gemini;

/// <summary>
/// A function call whose arguments Vertex AI streams value by value, each with a JSON path (<c>streamFunctionCallArguments</c>).
/// They come in no order that text could be made of, so they are put together first.
/// </summary>
/// <param name="part">The call's number in its choice.</param>
internal sealed class GeminiPartialCall(int part)
{
    private readonly GeminiArgument _arguments = new();
    private JsonElement _whole;

    public int Part => part;

    public static bool IsOne(JsonElement call) => call.GetFlag("willContinue") == true || call.Get("partialArgs", out _);

    public void Add(JsonElement call)
    {
        if (call.Get("args", out JsonElement args))
        {
            _whole = args;
        }
        foreach (JsonElement piece in call.GetItems("partialArgs"))
        {
            _arguments.At(piece.GetText("jsonPath") ?? "$").Set(piece);
        }
    }

    public string ToJson() => _arguments.IsEmpty
        ? _whole.ValueKind == JsonValueKind.Object ? _whole.GetRawText() : "{}"
        : GeminiJson.Create(_arguments.Write).GetRawText();
}
