using System.Text;

namespace Gateway.Web.Cluster.Redis;

internal enum RedisReplyKind : byte
{
    Nil,
    Text,
    Integer,
    Array,

    /// <summary>The server refused the command.</summary>
    Error,

    /// <summary>There was no answer: whether the command was carried out is not known.</summary>
    None,
}

/// <summary>One answer of Redis, or that there was none. Commands never throw.</summary>
internal readonly struct RedisReply
{
    private readonly object? _value;

    private RedisReply(RedisReplyKind kind, long integer, object? value)
    {
        Kind = kind;
        Integer = integer;
        _value = value;
    }

    public RedisReplyKind Kind { get; }
    public long Integer { get; }

    public bool IsAnswer => Kind < RedisReplyKind.Error;

    /// <summary>Of texts; null for all else.</summary>
    public byte[]? Bytes => _value as byte[];

    /// <summary>Of arrays; empty for all else.</summary>
    public RedisReply[] Items => _value as RedisReply[] ?? [];

    /// <summary>The text as UTF-8, an error's message, or why there was no answer; empty for all else.</summary>
    public string Text => _value switch
    {
        byte[] bytes => Encoding.UTF8.GetString(bytes),
        string text => text,
        _ => "",
    };

    /// <summary>The first word of an error, such as <c>NOSCRIPT</c>; empty for all else.</summary>
    public string ErrorCode => Kind == RedisReplyKind.Error && _value is string text ? text.Split(' ', 2)[0] : "";

    public static RedisReply OfText(byte[] bytes) => new(RedisReplyKind.Text, 0, bytes);

    public static RedisReply OfInteger(long value) => new(RedisReplyKind.Integer, value, null);

    public static RedisReply OfArray(RedisReply[] items) => new(RedisReplyKind.Array, 0, items);

    public static RedisReply OfError(string message) => new(RedisReplyKind.Error, 0, message);

    public static RedisReply NoAnswer(string reason) => new(RedisReplyKind.None, 0, reason);
}
