using System.Runtime.InteropServices;
using Gateway.Core.Relay.Uploads;

namespace Gateway.Core.Relay;

/// <summary>One change: the bytes at <paramref name="At"/> give way to <paramref name="Replacement"/>; a length of 0 inserts.</summary>
public readonly record struct Edit(Slice At, ReadOnlyMemory<byte> Replacement);

/// <summary>
/// A body as slices of the one that came in and the bytes put between them: nothing is parsed again, nothing is copied before
/// it is written. The bytes must stay as they are until the last write.
/// </summary>
public readonly struct SplicedBody
{
    private readonly ReadOnlyMemory<byte> _source;
    private readonly Edit[] _edits;
    private readonly int _count;

    /// <param name="source">The original bytes.</param>
    /// <param name="edits">The first <paramref name="count"/> are in order of position and do not overlap.</param>
    public SplicedBody(ReadOnlyMemory<byte> source, Edit[] edits, int count)
    {
        _source = source;
        _edits = edits;
        _count = count;
        int length = source.Length;
        for (int i = 0; i < count; i++)
        {
            length += edits[i].Replacement.Length - edits[i].At.Length;
        }
        Length = length;
    }

    public int Length { get; }

    public ValueTask WriteToAsync(Stream stream, CancellationToken cancellation) =>
        MemoryMarshal.TryGetMemoryManager(_source, out MappedUpload? upload)
            ? WriteUploadAsync(upload, stream, cancellation)
            : WritePiecesAsync(stream, cancellation);

    private async ValueTask WriteUploadAsync(MappedUpload upload, Stream stream, CancellationToken cancellation)
    {
        upload.Hold();
        try
        {
            await WritePiecesAsync(stream, cancellation);
        }
        finally
        {
            upload.Release();
        }
    }

    private async ValueTask WritePiecesAsync(Stream stream, CancellationToken cancellation)
    {
        int position = 0;
        for (int i = 0; i < _count; i++)
        {
            Edit edit = _edits[i];
            if (edit.At.Start > position)
            {
                await stream.WriteAsync(_source[position..edit.At.Start], cancellation);
            }
            if (!edit.Replacement.IsEmpty)
            {
                await stream.WriteAsync(edit.Replacement, cancellation);
            }
            position = edit.At.End;
        }
        if (position < _source.Length)
        {
            await stream.WriteAsync(_source[position..], cancellation);
        }
    }

    /// <summary>The whole as one array: for upstreams that are not a socket, and for tests.</summary>
    public byte[] ToArray()
    {
        byte[] all = new byte[Length];
        int from = 0;
        int to = 0;
        for (int i = 0; i < _count; i++)
        {
            Copy(_source[from.._edits[i].At.Start], all, ref to);
            Copy(_edits[i].Replacement, all, ref to);
            from = _edits[i].At.End;
        }
        Copy(_source[from..], all, ref to);
        return all;

        static void Copy(ReadOnlyMemory<byte> part, byte[] all, ref int to)
        {
            part.CopyTo(all.AsMemory(to));
            to += part.Length;
        }
    }
}
