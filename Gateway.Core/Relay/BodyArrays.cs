using System.Buffers;

namespace Gateway.Core.Relay;

/// <summary>
/// Memory for bodies: from the shared pool while they are small. The pool keeps what it is given back for each thread, and of each
/// size; a few large bodies on many threads would stay there as hundreds of megabytes.
/// </summary>
public static class BodyArrays
{
    private const int LargestPooled = 1_048_576;

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
