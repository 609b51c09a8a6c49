using System.Globalization;
using System.Text;
using System.Text.Json;
using Gateway.Core.Generation;

namespace Gateway.Providers.Gemini;

/// <summary>A value that grows piece by piece: an object, a list, a text or any other scalar.</summary>
internal sealed class GeminiArgument
{
    private const int Deepest = 64;
    // Far more than any function has; a path like [2000000000] must not cost that much memory.
    private const int MostItems = 10_000;

    private List<(string Name, GeminiArgument Value)>? _members;
    private List<GeminiArgument>? _items;
    private StringBuilder? _text;
    private JsonElement _scalar;

    public bool IsEmpty => _members is null && _items is null && _text is null && _scalar.ValueKind == JsonValueKind.Undefined;

    /// <summary>The value at a path such as <c>$.operations[0].price</c> or <c>$['a name']</c>, made where it is not there yet.</summary>
    public GeminiArgument At(string path)
    {
        GeminiArgument at = this;
        int position = path.StartsWith('$') ? 1 : 0;
        for (int depth = 0; position < path.Length; depth++)
        {
            if (depth >= Deepest)
            {
                throw Impossible();
            }
            at = path[position] == '[' ? at.Step(Bracket(path, ref position)) : at.Member(Name(path, ref position));
        }
        return at;
    }

    private static string Name(string path, ref int position)
    {
        position += path[position] == '.' ? 1 : 0;
        int end = path.AsSpan(position).IndexOfAny('.', '[') is >= 0 and var length ? position + length : path.Length;
        string name = path[position..end];
        position = end;
        return name.Length > 0 ? name : throw Impossible();
    }

    private static string Bracket(string path, ref int position)
    {
        char quote = position + 1 < path.Length && path[position + 1] is '\'' or '"' ? path[position + 1] : '\0';
        int close = path.IndexOf(quote == '\0' ? "]" : quote + "]", position + 1, StringComparison.Ordinal);
        if (close < 0)
        {
            throw Impossible();
        }
        string step = path[(position + 1)..close];
        position = close + (quote == '\0' ? 1 : 2);
        return step;
    }

    private GeminiArgument Step(string step) =>
        step.Length > 0 && step[0] is '\'' or '"' ? Member(step[1..])
        : int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < MostItems ? Item(index)
        : throw Impossible();

    private GeminiArgument Member(string name)
    {
        _members ??= [];
        int index = _members.FindIndex(m => m.Name == name);
        if (index < 0)
        {
            if (_members.Count >= MostItems)
            {
                throw Impossible();
            }
            index = _members.Count;
            _members.Add((name, new GeminiArgument()));
        }
        return _members[index].Value;
    }

    private GeminiArgument Item(int index)
    {
        _items ??= [];
        while (_items.Count <= index)
        {
            _items.Add(new GeminiArgument());
        }
        return _items[index];
    }

    /// <summary>Takes one piece; texts are continued, everything else comes whole.</summary>
    public void Set(JsonElement piece)
    {
        if (piece.GetText("stringValue") is { } text)
        {
            (_text ??= new StringBuilder()).Append(text);
        }
        else if (piece.Get("numberValue", out JsonElement value) || piece.Get("boolValue", out value))
        {
            _scalar = value;
        }
    }

    public void Write(Utf8JsonWriter writer)
    {
        if (_members is not null)
        {
            writer.WriteStartObject();
            foreach ((string name, GeminiArgument value) in _members)
            {
                writer.WritePropertyName(name);
                value.Write(writer);
            }
            writer.WriteEndObject();
        }
        else if (_items is not null)
        {
            writer.WriteStartArray();
            _items.ForEach(i => i.Write(writer));
            writer.WriteEndArray();
        }
        else if (_text is not null)
        {
            writer.WriteStringValue(_text.ToString());
        }
        else if (_scalar.ValueKind != JsonValueKind.Undefined)
        {
            _scalar.WriteTo(writer);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    private static GenerationFormatException Impossible() => new("A function call's 'partialArgs' has a path that cannot be followed.");
}
