namespace Gateway.Core.Accounting;

/// <summary>Steps through the strings and numbers of well-formed JSON, telling names from values; as fast as finding quotes.</summary>
internal ref struct JsonStrings(ReadOnlySpan<byte> json)
{
    private readonly ReadOnlySpan<byte> _json = json;
    private int _at;

    /// <summary>The string's content, escapes as they are; empty for a number.</summary>
    public ReadOnlySpan<byte> Content { get; private set; }

    /// <summary>Open braces and brackets around the string.</summary>
    public int Depth { get; private set; }

    /// <summary>It names a property.</summary>
    public bool IsName { get; private set; }

    /// <summary>It is a number, not a string.</summary>
    public bool IsNumber { get; private set; }

    public bool Read()
    {
        while (_at < _json.Length)
        {
            byte b = _json[_at++];
            switch (b)
            {
                case (byte)'"':
                    ReadString();
                    return true;
                case (byte)'{' or (byte)'[':
                    Depth++;
                    break;
                case (byte)'}' or (byte)']':
                    Depth--;
                    break;
                case (byte)'-' or (>= (byte)'0' and <= (byte)'9'):
                    SkipNumber();
                    return true;
                default:
                    break;
            }
        }
        return false;
    }

    private void ReadString()
    {
        int start = _at;
        while (true)
        {
            int next = _json[_at..].IndexOfAny((byte)'"', (byte)'\\');
            if (next < 0)
            {
                _at = _json.Length;
                Content = _json[start..];
                IsName = false;
                IsNumber = false;
                return;
            }
            _at += next;
            if (_json[_at] == '"')
            {
                break;
            }
            _at = Math.Min(_at + 2, _json.Length);
        }
        Content = _json[start.._at++];
        IsNumber = false;
        int after = _at;
        while (after < _json.Length && _json[after] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
        {
            after++;
        }
        IsName = after < _json.Length && _json[after] == ':';
    }

    private void SkipNumber()
    {
        while (_at < _json.Length && _json[_at] is (>= (byte)'0' and <= (byte)'9') or (byte)'.' or (byte)'e' or (byte)'E' or (byte)'+' or (byte)'-')
        {
            _at++;
        }
        Content = default;
        IsName = false;
        IsNumber = true;
    }
}
