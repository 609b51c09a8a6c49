using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Gemini;

/// <summary>
/// Ids for function calls and their results, which Gemini lets go without: results find their call by name, in order.
/// </summary>
/// <param name="prefix">What the ids that are made begin with; a number follows.</param>
internal sealed class GeminiCallIds(string prefix)
{
    private readonly List<(string Id, string Name)> _open = [];
    private int _made;

    /// <summary>For an answer: its id keeps the calls of several turns apart.</summary>
    public static GeminiCallIds OfAnswer(string? responseId)
    {
        string id = responseId ?? Guid.NewGuid().ToString("N");
        char[] clean = [.. id.Where(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-').Take(32)];
        return new GeminiCallIds($"call_{new string(clean)}_");
    }

    /// <returns>The call's id.</returns>
    public string Call(string? id, string name)
    {
        id = string.IsNullOrEmpty(id) ? prefix + _made++ : id;
        _open.Add((id, name));
        return id;
    }

    /// <summary>Gives a result its call's id and name.</summary>
    public ToolResultPart Result(string? id, string? name, IReadOnlyList<Part> content, bool isError)
    {
        int index = _open.FindIndex(c => string.IsNullOrEmpty(id) ? c.Name == name : c.Id == id);
        (string Id, string Name) call = index >= 0 ? _open[index]
            : (string.IsNullOrEmpty(id) ? prefix + _made++ : id, name ?? "");
        if (index >= 0)
        {
            _open.RemoveAt(index);
        }
        return new ToolResultPart(call.Id, content) { Name = string.IsNullOrEmpty(name) ? call.Name : name, IsError = isError };
    }
}
