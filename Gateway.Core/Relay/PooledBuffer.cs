namespace Gateway.Core.Relay;

/// <summary>A growing buffer, small ones from the shared pool: filled at the end, consumed at the start. Holds no memory while it is empty.</summary>
internal struct PooledBuffer : IDisposable
{
    private const int FirstSize = 4096;

    private byte[]? _array;
    private int _start;
    private int _end;

    public readonly int Length => _end - _start;
    public readonly ReadOnlyMemory<byte> Memory => _array.AsMemory(_start, Length);
    public readonly ReadOnlySpan<byte> Span => _array.AsSpan(_start, Length);

    /// <summary>Room behind what is there, at least <paramref name="size"/> bytes of it.</summary>
    public Memory<byte> GetRoom(int size)
    {
        if (_array is null)
        {
            _array = BodyArrays.Rent(Math.Max(size, FirstSize));
        }
        else if (_array.Length - _end < size)
        {
            MakeRoom(size);
        }
        return _array.AsMemory(_end);
    }

    public void Filled(int count) => _end += count;

    /// <summary>Drops bytes from the start; gives the memory back when none are left.</summary>
    public void Consume(int count)
    {
        _start += count;
        if (_start == _end)
        {
            Dispose();
        }
    }

    public void Dispose()
    {
        byte[]? array = _array;
        (_array, _start, _end) = (null, 0, 0);
        if (array is not null)
        {
            BodyArrays.Return(array);
        }
    }

    private void MakeRoom(int size)
    {
        byte[] old = _array!;
        // Moving to the front is enough when that frees at least half: otherwise small steps would move the same bytes again and again.
        byte[] target = _start >= old.Length / 2 && old.Length - Length >= size ? old : BodyArrays.Rent(BodyArrays.Grown(old.Length, Length + size));
        Span.CopyTo(target);
        if (target != old)
        {
            BodyArrays.Return(old);
        }
        (_array, _end, _start) = (target, Length, 0);
    }
}
