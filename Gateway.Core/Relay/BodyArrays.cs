using System.Buffers;

namespace Gateway.Core.Relay;

/// <summary>
/// Memory for bodies: from the shared pool while they are small. The pool keeps what it is given back for each thread, and of each
/// size; a few large bodies on many threads would stay there as hundreds of megabytes.
/// </summary>
public static class BodyArrays
{
    private const int LargestPooled = 1_048_576;
    private const int Large = 4 * 1_048_576;

    /// <summary>
    /// What an array that is full grows to. Large ones in long steps, since each leaves its predecessor to the collector, and memory that
    /// was never written to is none: 4, 24 and 104 MiB, the last above what is read of any answer unless more is allowed.
    /// </summary>
    public static int Grown(int length, int needed) =>
        (int)Math.Clamp(length < Large ? length * 2L : (length * 4L) + (2 * Large), needed, Array.MaxLength);

    /// <summary>At least so many bytes, of any content.</summary>
    public static byte[] Rent(int size) => size <= LargestPooled ? ArrayPool<byte>.Shared.Rent(size) : GC.AllocateUninitializedArray<byte>(size);

    public static void Return(byte[] array)
    {
        if (array.Length <= LargestPooled)
        {
            ArrayPool<byte>.Shared.Return(array);
        }
    }
}
