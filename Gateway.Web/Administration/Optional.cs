namespace Gateway.Web.Administration;

/// <summary>One field of a partial change: left out (the default) keeps what is there; given, also as null, replaces it.</summary>
internal readonly record struct Optional<T>
{
    public Optional(T value)
    {
        HasValue = true;
        Value = value;
    }

    public bool HasValue { get; }

    /// <summary>The default of <typeparamref name="T"/> when left out.</summary>
    public T Value { get; }

    public T Or(T current) => HasValue ? Value : current;

    public static implicit operator Optional<T>(T value) => new(value);
}
