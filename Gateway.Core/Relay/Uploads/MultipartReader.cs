using System.Text;

namespace Gateway.Core.Relay.Uploads;

/// <summary>
/// Finds the parts of a <c>multipart/form-data</c> body (RFC 7578, RFC 2046 section 5.1) in one pass, strictly: what two
/// readers could take for two different forms is refused. File contents are skipped, never looked into.
/// </summary>
internal ref struct MultipartReader
{
    private const int MaxHeaderBytes = 8192;
    private const int MaxParts = 1000;

    private readonly ReadOnlySpan<byte> _body;
    private readonly ReadOnlySpan<byte> _delimiter;
    private int _next;
    private int _parts;

    /// <param name="boundary">Without dashes.</param>
    /// <exception cref="FormatException">There is no first delimiter.</exception>
    public MultipartReader(ReadOnlySpan<byte> body, ReadOnlySpan<byte> boundary)
    {
        _body = body;
        _delimiter = (byte[])[.. "\r\n--"u8, .. boundary];
        // The first delimiter may stand at the very start; what comes before it otherwise means nothing.
        if (body.StartsWith(_delimiter[2..]))
        {
            FirstPart = 0;
        }
        else
        {
            int at = body.IndexOf(_delimiter);
            FirstPart = at < 0 ? throw new FormatException("The body does not hold the boundary that its content type names.") : at + 2;
        }
        _next = FirstPart;
    }

    /// <summary>Where the first delimiter begins.</summary>
    public int FirstPart { get; }

    /// <summary>The next part; false after the last.</summary>
    /// <exception cref="FormatException">The body is not well formed; the message says how.</exception>
    public bool TryRead(out MultipartPart part)
    {
        part = default;
        int start = _next;
        int at = start + _delimiter.Length - 2;
        if (_body[at..].StartsWith("--"u8))
        {
            return false;
        }
        // White space may stand between a boundary and its line end.
        while (at < _body.Length && _body[at] is (byte)' ' or (byte)'\t')
        {
            at++;
        }
        if (!_body[at..].StartsWith("\r\n"u8))
        {
            throw new FormatException("A boundary is not followed by a line end.");
        }
        if (++_parts > MaxParts)
        {
            throw new FormatException($"A form can have at most {MaxParts} parts.");
        }
        (string name, bool isFile, int content) = ReadHeaders(at + 2);
        // A part without content has its delimiter right after the empty line.
        int end = _body[(content - 2)..].IndexOf(_delimiter);
        if (end < 0)
        {
            throw new FormatException("The body ends in the middle of a part; the closing boundary is missing.");
        }
        end += content - 2;
        _next = end + 2;
        part = new MultipartPart(name, Slice.Between(content, Math.Max(end, content)), Slice.Between(start, _next), isFile, Slice.Between(at + 2, content - 2));
        return true;
    }

    private readonly (string Name, bool IsFile, int Content) ReadHeaders(int start)
    {
        string? name = null;
        bool isFile = false;
        int at = start;
        while (true)
        {
            int length = _body[at..Math.Min(_body.Length, start + MaxHeaderBytes)].IndexOf("\r\n"u8);
            if (length < 0)
            {
                throw new FormatException($"A part's headers do not end, or are longer than {MaxHeaderBytes} bytes.");
            }
            if (length == 0)
            {
                return (name ?? throw new FormatException("A part has no name (Content-Disposition: form-data; name=…)."), isFile, at + 2);
            }
            string line = Encoding.UTF8.GetString(_body.Slice(at, length));
            if (line.StartsWith("content-disposition:", StringComparison.OrdinalIgnoreCase))
            {
                (string? read, bool file) = Disposition(line["content-disposition:".Length..]);
                name = name is null ? read : throw new FormatException("A part has two Content-Disposition headers.");
                isFile = file;
            }
            at += length + 2;
        }
    }

    private static (string? Name, bool IsFile) Disposition(string value)
    {
        string? name = null;
        bool isFile = false;
        foreach ((string key, string text) in HeaderParameters.Of(value))
        {
            if (key.Equals("name", StringComparison.OrdinalIgnoreCase))
            {
                name = name is null ? text : throw new FormatException("A part has two names.");
            }
            isFile |= key.StartsWith("filename", StringComparison.OrdinalIgnoreCase);
        }
        return (name, isFile);
    }
}
